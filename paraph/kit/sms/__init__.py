"""Text messages: written in the transaction of the fact, sent by the worker through an HTTP gateway."""
