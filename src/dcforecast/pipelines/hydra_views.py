"""Hydra's own views of the configuration: ``--cfg`` and ``--info``."""

from __future__ import annotations

import argparse
from typing import Any

from dcforecast.config.compose import ROOT, compose, hydra, prepare
from dcforecast.errors import UserError, choices_text

__all__ = ["show"]

_INFO = ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath")


def show(arguments: argparse.Namespace) -> int:
    """Print the composed configuration, or how Hydra came to it."""
    config = compose(arguments.overrides).config  # the same messages as a run would give
    prepared = prepare(arguments.overrides)
    view = hydra(experiments=any(text.startswith("+experiments=") for text in prepared))
    if arguments.info:
        if arguments.info not in _INFO:
            raise UserError(f"--info {arguments.info}", choices_text(arguments.info, _INFO))
        view.show_info(arguments.info, config_name=ROOT, overrides=prepared)
    else:
        if arguments.cfg == "job" and arguments.package:
            _check_package(arguments.package, config)
        view.show_cfg(
            config_name=ROOT,
            overrides=prepared,
            cfg_type=arguments.cfg,
            package=arguments.package,
            resolve=arguments.resolve,
        )
    return 0


def _check_package(package: str, config: Any) -> None:
    """Refuse a part of the configuration that is not there."""
    for name in package.split("."):
        if not isinstance(config, dict) or name not in config:
            known = config if isinstance(config, dict) else ()
            raise UserError(f"--package {package}: there is no '{name}'", choices_text(name, known))
        config = config[name]
