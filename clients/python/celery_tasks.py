"""The tasks of celery_story.py. The worker and the story both load this, configured by the environment."""

import os

import celery

app = celery.Celery("tasks", broker=os.environ["STORY_BROKER"], backend=os.environ["STORY_BACKEND"])
app.conf.update(
    task_default_queue=os.environ["STORY_QUEUE"],
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    # One queue and no gossip, so that the story can delete by name all that it made.
    worker_enable_remote_control=False,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    broker_connection_retry_on_startup=True,
    # A timer twice as often, which also wakes the loop: Celery 5.2 sees a signal only when something else wakes it.
    broker_heartbeat=4,
    broker_transport_options={"interval_start": 0.05},
    result_expires=60,
)


@app.task
def add(left, right):
    return left + right


@app.task
def total(numbers):
    return sum(numbers)


@app.task(bind=True, max_retries=3)
def succeed_at_last(self):
    """Fails three times. The countdown makes the worker keep the message unacknowledged until its time has come."""
    if self.request.retries < 3:
        raise self.retry(countdown=0.1)
    return self.request.retries
