"""``python -m capsim`` is ``capsim``."""

from capsim.cli import main

if __name__ == "__main__":
    main()
