"""OpenStack Swift with its S3 API in one process: proxy, account, container and object servers over a folder.

Runs in .venv-swift (tests/install_tools). Usage: swift_s3.py FOLDER HOST PORT ACCESS_KEY SECRET. Prints "ready".
"""

# ruff: noqa: E402 - sockets and threads become green before anything else is imported
import warnings

warnings.simplefilter("ignore")
import eventlet

eventlet.patcher.monkey_patch(all=False, socket=True, select=True, thread=True)

import logging
import os
import sys
from pathlib import Path

import eventlet.wsgi
from swift.account.server import AccountController
from swift.common import utils, wsgi
from swift.common.http_protocol import SwiftHttpProtocol
from swift.common.ring import RingBuilder
from swift.container.server import ContainerController
from swift.obj import mem_server
from swift.obj import server as disk_server

PROXY = """
[DEFAULT]
swift_dir = {folder}
log_level = CRITICAL
[pipeline:main]
pipeline = catch_errors listing_formats s3api tempauth copy slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
conn_timeout = 5
node_timeout = 30
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
location = {region}
max_bucket_listing = 5
[filter:tempauth]
use = egg:swift#tempauth
user_{account}_{user} = {secret} .admin
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
"""
REGION = "eu-central-1"
QUIET = logging.getLogger("quiet")
QUIET.addHandler(logging.NullHandler())
QUIET.propagate = False


def main(folder: Path, host: str, port: int, access_key: str, secret: str) -> None:
    """Serve until killed."""
    utils.HASH_PATH_SUFFIX = b"paraph"
    (folder / "disk").mkdir(parents=True, exist_ok=True)
    settings = {"devices": str(folder), "swift_dir": str(folder), "mount_check": "false", "fallocate_reserve": "0"}
    objects = disk_server if keeps_attributes(folder / "disk") else mem_server
    controllers = {
        "account": AccountController,
        "container": ContainerController,
        "object": objects.ObjectController,
    }
    for kind, controller in controllers.items():
        listener = eventlet.listen(("127.0.0.1", 0))
        save_ring(folder, kind, listener.getsockname()[1])
        eventlet.spawn(serve, listener, controller(settings))
    account, user = access_key.split(":")
    config = folder / "proxy.conf"
    config.write_text(PROXY.format(folder=folder, region=REGION, account=account, user=user, secret=secret))
    proxy = wsgi.loadapp(str(config), allow_modify_pipeline=False)
    listener = eventlet.listen((host, port))
    print("ready", flush=True)
    serve(listener, proxy)


def keeps_attributes(folder: Path) -> bool:
    """Whether the file system keeps extended attributes, where Swift writes its metadata."""
    try:
        os.setxattr(folder, "user.swift.probe", b"x" * 1000)
    except OSError:
        return False
    return True


def save_ring(folder: Path, kind: str, port: int) -> None:
    """Name the one server of this kind."""
    ring = RingBuilder(4, 1, 1)
    device = {"id": 0, "region": 1, "zone": 1, "weight": 1.0, "ip": "127.0.0.1", "port": port, "device": "disk"}
    ring.add_dev({**device, "meta": ""})
    ring.rebalance()
    ring.get_ring().save(str(folder / f"{kind}.ring.gz"))


def serve(listener: object, app: object) -> None:
    """Answer on this socket."""
    pool = eventlet.GreenPool(1000)
    eventlet.wsgi.server(listener, app, log=QUIET, custom_pool=pool, protocol=SwiftHttpProtocol)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5])
