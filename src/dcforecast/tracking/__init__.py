"""MLflow and nothing but."""

from __future__ import annotations

from dcforecast.tracking.place import probe, reason, tracking_uri
from dcforecast.tracking.registry import Champion, register
from dcforecast.tracking.ui import serve
from dcforecast.tracking.upload import link, upload

__all__ = ["Champion", "link", "probe", "reason", "register", "serve", "tracking_uri", "upload"]
