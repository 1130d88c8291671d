"""Wiring of the installation. No package is imported here: config.bootstrap runs before any is installed."""

import os

# onnxruntime would otherwise report home; every process of the product, and of its tests, comes through here.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
