"""The pages that belong to no single room: home, the mailbox of an embedded server, health; and the look of all."""
