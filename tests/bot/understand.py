"""Run by Rasa's own Python: parse the JSON list of texts on stdin, print a JSON list of parses.

python understand.py BOT_FOLDER MODEL
"""

import asyncio
import json
import logging
import os
import sys
import warnings

import structlog

os.environ["RASA_TELEMETRY_ENABLED"] = "false"
sys.path.insert(0, sys.argv[1])
warnings.simplefilter("ignore")

import levers  # noqa: E402  # found by the path above

levers.leave_out_tensorflow()

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))

from rasa.core.agent import Agent  # noqa: E402  # quiet, and without TensorFlow


async def main() -> None:
    agent = Agent.load(sys.argv[2])
    parses = [await agent.parse_message(text) for text in json.load(sys.stdin)]
    print(json.dumps([{"intent": p["intent"], "ranking": p["intent_ranking"]} for p in parses]))


asyncio.run(main())
