"""How well a child was held in: the four levels, what each means in a sentence, and which files each may read."""

from rai.checks.saying import Said

KERNEL_WALLS = "level A: Landlock and seccomp"
BUBBLEWRAP = "level B: bubblewrap"
PRIVATE_ROOT = "level C: private root and seccomp"
PROCESS_LIMITS = "process limits only"

LEVELS = {
    KERNEL_WALLS: Said(
        "The file was read in a child process of its own, walled off by the kernel: it could read the program's own "
        "files and the named ones alone, reach no network and no other process, and write nothing. Memory, processor "
        "time, wall clock and output were limited. This is level A of four."
    ),
    BUBBLEWRAP: Said(
        "The file was read in a child process of its own inside bubblewrap, which sees the program's own files and the "
        "named ones alone, no network and no other process, and with few system calls. Memory, processor time, wall clock "
        "and output were limited. This is level B of four."
    ),
    PRIVATE_ROOT: Said(
        "The file was read in a child process of its own with a private root folder, without network and with few "
        "system calls. Memory, processor time, wall clock and output were limited. This is level C of four."
    ),
    PROCESS_LIMITS: Said(
        "The file was read in a child process of its own with limits on memory, processor time, wall clock, files and "
        "output, an empty environment and an empty folder. The kernel did not wall the child off from network and disk."
    ),
}
LETTERS = {KERNEL_WALLS: "A", BUBBLEWRAP: "B", PRIVATE_ROOT: "C", PROCESS_LIMITS: "D"}
# The parsers of LightGBM and XGBoost trust what they read, so that one wall fewer is one too few for them.
AT_LEVEL = {"A": None, "B": None, "C": frozenset({"onnx", "skops"}), "D": frozenset[str]()}


def letter(level: str) -> str:
    """A, B, C or D. Raises KeyError for a level that does not exist."""
    return LETTERS[level]


def runs(level: str, model_format: str) -> bool:
    """Whether a model of this format may be run at a level."""
    allowed = AT_LEVEL[LETTERS[level]]
    return allowed is None or model_format in allowed
