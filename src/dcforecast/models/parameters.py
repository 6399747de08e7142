"""Parameters of a model by scikit-learn's conventions."""

from __future__ import annotations

import copy
import inspect
from typing import Any, Self

from dcforecast.errors import UserError, choices_text

__all__ = ["Parametrised"]


class Parametrised:
    """A class whose constructor stores its parameters under their own names."""

    @classmethod
    def param_names(cls) -> list[str]:
        """Names of the constructor's parameters."""
        if cls.__init__ is object.__init__:
            return []
        return [n for n in inspect.signature(cls.__init__).parameters if n != "self"]

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002
        """Return the parameters by name (scikit-learn's convention)."""
        return {name: getattr(self, name) for name in self.param_names()}

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name.

        Raises
        ------
        UserError
            A name the model does not have.
        """
        for name, value in params.items():
            if name not in self.param_names():
                known = choices_text(name, self.param_names())
                raise UserError(f"{type(self).__name__} has no parameter '{name}'", known)
            setattr(self, name, value)
        return self

    def set_known(self, **params: Any) -> Self:
        """Set those of the parameters that the model has."""
        return self.set_params(**{k: v for k, v in params.items() if k in self.param_names()})

    def clone(self) -> Self:
        """Return an unfitted copy with the same parameters."""
        return type(self)(**copy.deepcopy(self.get_params()))

    def __repr__(self) -> str:
        inner = ", ".join(f"{k}={v!r}" for k, v in self.get_params().items())
        return f"{type(self).__name__}({inner})"
