"""Run it many times: region × scenarios × replications, kept on disk as they finish."""
