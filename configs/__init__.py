"""capsim's configuration, packaged as ``capsim.configs`` so that Hydra finds it wherever it is installed."""
