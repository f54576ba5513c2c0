"""The gateway: channels, the desk that tells the product's story, the web, and the commands."""
