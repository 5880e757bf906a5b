"""Runs MiniStack with what it lacks for this project's templates, in place of `python -m ministack`.

docs/emulated-aws.md lists the faults that the modules next to this one make up for, with MiniStack's version.
"""
import logging
import os
import signal
import sys
import threading

import ministack.app as app
from ministack.services import cloudformation  # loads all of its modules, which the extensions change

import bucket_settings
import condition_splits
import denials
import functions
import global_database
import keys_of_objects
import names
import pipes
import replication
import small_types
import targets
import topics
import workflows

def end_with_the_starter():
    """The starter holds the other end of this pipe: it closes when that process ends, however it ends."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=end_with_the_starter, daemon=True).start()
logging.getLogger("extension").setLevel(logging.INFO)
for extension in (
    names, condition_splits, small_types, global_database, bucket_settings, topics, functions,
    targets, workflows, denials, keys_of_objects, replication, pipes,
):
    extension.install()
app.main()
