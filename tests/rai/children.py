"""A child whose task is written by a test, inside the real frame: same start, same walls, same wire."""

FRAME = """
import importlib.util, os, sys, time, types
spec = importlib.util.spec_from_file_location("child", {child!r})
child = importlib.util.module_from_spec(spec)
spec.loader.exec_module(child)
def work(order):
    from rai.sandbox.order import Reply
{body}
module = types.ModuleType("hostile")
module.libraries, module.work = (lambda order: ()), work
sys.modules["hostile"] = module
child.main({{"hostile": "hostile:work"}})
"""
