"""Hydra's own views of the configuration: ``--cfg`` and ``--info``."""

from __future__ import annotations

import argparse

from dcforecast.config.compose import ROOT, compose, hydra, prepare
from dcforecast.errors import UserError, choices_text

__all__ = ["show"]

_INFO = ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath")


def show(arguments: argparse.Namespace) -> int:
    """Print the composed configuration, or how Hydra came to it."""
    compose(arguments.overrides)  # the same messages as a run would give
    prepared = prepare(arguments.overrides)
    view = hydra(experiments=any(text.startswith("+experiments=") for text in prepared))
    if arguments.info:
        if arguments.info not in _INFO:
            raise UserError(f"--info {arguments.info}", choices_text(arguments.info, _INFO))
        view.show_info(arguments.info, config_name=ROOT, overrides=prepared)
    else:
        view.show_cfg(
            config_name=ROOT,
            overrides=prepared,
            cfg_type=arguments.cfg,
            package=arguments.package,
            resolve=arguments.resolve,
        )
    return 0
