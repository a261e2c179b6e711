"""Where the program starts. Only this file reads the environment."""

import os
import sys
from pathlib import Path


def main() -> None:
    """Run the command line and exit; Ctrl-C ends it quietly from the first moment on."""
    try:
        from pentimento.tui.commands import run

        code = run(sys.argv[1:], data_folder())
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def data_folder() -> Path:
    """Where everything is kept."""
    if home := os.environ.get("PENTIMENTO_HOME"):
        return Path(home)
    import platformdirs

    return platformdirs.user_data_path("pentimento", appauthor=False)


if __name__ == "__main__":
    main()
