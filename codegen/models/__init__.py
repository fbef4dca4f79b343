"""Language models: any endpoint and provider that inspect_ai speaks to, and one that needs no network."""
