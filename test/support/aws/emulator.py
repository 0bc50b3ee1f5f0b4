"""
AWS for the tests: moto, with a layer in front that logs the calls, injects faults and is strict where moto is lenient.

Usage: emulator.py PORT (of 127.0.0.1; 0 to choose one). Prints `listening PORT` when ready, ends when its stdin closes.
What `/__emulator` takes and gives is described in emulator.ts, which is the one that speaks with it.
"""

import copy
import hashlib
import io
import ipaddress
import json
import logging
import os
import re
import socket
import sys
import threading
import time
import urllib.parse
import uuid
from xml.sax.saxutils import escape

# Reading the list of machine images would double the time of each reset.
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")

from moto.awslambda.exceptions import PreconditionFailedException  # noqa: E402
from moto.awslambda.models import LambdaFunction, LayerVersion  # noqa: E402
from moto.ec2.exceptions import InvalidParameterValue, InvalidPermissionDuplicateError  # noqa: E402
from moto.ec2.models.security_groups import SecurityGroupBackend  # noqa: E402
from moto.moto_server.werkzeug_app import (  # noqa: E402
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from moto.rds.exceptions import RDSClientError  # noqa: E402
from moto.rds.models import RDSBackend  # noqa: E402
from moto.rds.responses import RDSResponse  # noqa: E402
from werkzeug.http import http_date  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402
from werkzeug.test import Client  # noqa: E402
from werkzeug.wrappers import Request, Response  # noqa: E402

ADMIN_PATH = "/__emulator"
CONTENT_PATH = "/content/"
EC2_VERSION = "2016-11-15"

moto = DomainDispatcherApplication(create_backend_app)


class Call:
    """What a request asks for, whichever of AWS' protocols it speaks."""

    def __init__(self, request):
        body = request.get_data()
        is_form = request.mimetype == "application/x-www-form-urlencoded"
        pairs = urllib.parse.parse_qsl(body.decode(), keep_blank_values=True) if is_form else []
        self.params = dict(pairs)
        target = request.headers.get("X-Amz-Target", "")
        self.action = self.params.get("Action") or target.split(".")[-1] or f"{request.method} {request.path}"
        scope = re.search(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/", request.headers.get("Authorization", ""))
        self.access_key, self.region, self.service = scope.groups() if scope else ("", "", "")

    def is_of(self, action):
        return action in ("*", self.action) or (" /" in action and self.action.startswith(action))

    def log_entry(self):
        return {
            "action": self.action,
            "at": time.time(),
            "region": self.region,
            "accessKeyId": self.access_key,
            "params": self.params,
        }

    def error(self, code, message, status):
        """An error as the service would say it, which may repeat what it was given."""
        message = re.sub(r"\{(\w+)\}", lambda found: self.params.get(found[1], found[0]), message)
        request_id = str(uuid.uuid4())
        if self.service == "s3":
            text = f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
            return Response(f'<?xml version="1.0" encoding="UTF-8"?>{text}', status, content_type="application/xml")
        if not self.params:
            body = json.dumps({"__type": code, "message": message})
            headers = {"x-amzn-errortype": code, "x-amzn-requestid": request_id}
            return Response(body, status, headers, content_type="application/json")
        error = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
        if self.params.get("Version") == EC2_VERSION:
            text = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>{request_id}</RequestID></Response>"
        else:
            kind = "Sender" if status < 500 else "Receiver"
            text = (
                f"<ErrorResponse><Error><Type>{kind}</Type>{error}</Error>"
                f"<RequestId>{request_id}</RequestId></ErrorResponse>"
            )
        return Response(f'<?xml version="1.0" encoding="UTF-8"?>{text}', status, content_type="text/xml")


class Contents:
    """The zips of layers and functions, behind links as Lambda gives them."""

    def __init__(self):
        self.port = 0
        self.by_hash = {}

    def link(self, content):
        name = hashlib.sha256(content).hexdigest()
        self.by_hash[name] = content
        return f"http://127.0.0.1:{self.port}{CONTENT_PATH}{name}"

    def answer(self, request):
        content = self.by_hash.get(request.path[len(CONTENT_PATH) :])
        if content is None:
            return Response("<Error><Code>AccessDenied</Code></Error>", 403, content_type="application/xml")
        response = Response(content, content_type="application/zip")
        return response.make_conditional(request.environ, accept_ranges=True, complete_length=len(content))


contents = Contents()


class State:
    """What the tests have asked for, and what they have called."""

    def __init__(self):
        self.lock = threading.Lock()
        self.clear()

    def clear(self):
        with self.lock:
            self.faults, self.calls, self.strict = [], [], True

    def change(self, wish):
        with self.lock:
            if "strict" in wish:
                self.strict = wish["strict"]
            else:
                self.faults.append({**wish, "seen": 0, "left": wish.get("times", 1)})

    def fault_of(self, call):
        """Logs the call. Each fault counts every call of its action; the first one that is due is this call's."""
        with self.lock:
            self.calls.append(call.log_entry())
            due = None
            for fault in self.faults:
                if not call.is_of(fault["action"]):
                    continue
                fault["seen"] += 1
                if due is None and fault["left"] != 0 and fault["seen"] > fault.get("after", 0):
                    fault["left"] -= 1
                    due = fault
            return due or {}


state = State()


def admin(request):
    if request.method == "POST":
        state.change(request.get_json())
    elif request.method == "DELETE":
        Client(moto).post("/moto-api/reset")
        state.clear()
    with state.lock:
        return Response(json.dumps({"calls": state.calls}), content_type="application/json")


def hang_up(environ):
    # Without the shutdown, werkzeug would wait for another request on the connection.
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError


def cut_off(environ, response, length):
    body = response.get_data()
    head = f"HTTP/1.1 {response.status}\r\nContent-Length: {len(body)}\r\n"
    if "Content-Range" in response.headers:
        head += f"Content-Range: {response.headers['Content-Range']}\r\n"
    environ["werkzeug.socket"].sendall(head.encode() + b"\r\n" + body[:length])
    hang_up(environ)


def answer(environ, request, call, fault):
    if fault.get("drop"):
        time.sleep(fault.get("delay", 0))
        hang_up(environ)
    if "error" in fault:
        response = call.error(fault["error"], fault.get("message", "injected"), fault.get("status", 400))
    else:
        is_content = request.path.startswith(CONTENT_PATH)
        response = contents.answer(request) if is_content else Response.from_app(moto, environ, buffered=True)
        response.status_code = fault.get("status", response.status_code)
    if "rewrite" in fault:
        text = response.get_data(as_text=True)
        for pattern, replacement in fault["rewrite"]:
            text = re.sub(pattern, replacement, text)
        response.set_data(text)
    response.headers.update(fault.get("headers", {}))
    time.sleep(fault.get("delay", 0))
    if "cut" in fault:
        cut_off(environ, response, fault["cut"])
    if fault.get("dropAfter"):
        hang_up(environ)
    return response


def application(environ, start_response):
    request = Request(environ)
    body = request.get_data()
    if request.path == ADMIN_PATH:
        response = admin(request)
    else:
        call = Call(request)
        fault = state.fault_of(call)
        # Read already, but moto reads it again.
        environ["wsgi.input"] = io.BytesIO(body)
        response = answer(environ, request, call, fault)
    response.headers.setdefault("Date", http_date())
    return response(environ, start_response)


class Handler(MotoRequestHandler):
    # Head and body are sent apart: the second would wait for the first one's acknowledgement.
    disable_nagle_algorithm = True

    def send_response(self, code, message=None):
        """Without a date: the application gives one, which may be wrong on purpose."""
        self.send_response_only(code, message)


# Where moto believes everything that AWS refuses.


def canonical(cidr, version):
    """The CIDR with all bits behind its prefix cleared, as AWS keeps it."""
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        network = None
    if network is None or "/" not in cidr or network.version != version:
        raise InvalidParameterValue(f"CIDR block {cidr} is malformed")
    return str(network)


CIDRS = {"CidrIp": 4, "CidrIpv4": 4, "CidrIpv6": 6}
KINDS = ["CidrIpv4", "CidrIpv6", "PrefixListId", "ReferencedGroupId"]


def with_canonical_cidrs(properties):
    return {
        name: canonical(value, CIDRS[name]) if name in CIDRS and value is not None else value
        for name, value in properties.items()
    }


def kind_of(rule):
    if rule.cidr_ipv4:
        return "CidrIpv4"
    if rule.cidr_ipv6:
        return "CidrIpv6"
    return "PrefixListId" if rule.prefix_list_id else "ReferencedGroupId"


def modified(rule, wish):
    """The rule as it would be."""
    kind = kind_of(rule)
    given = [other for other in KINDS if wish.get(other) is not None]
    # What names none or several is moto's to refuse.
    if len(given) == 1 and given != [kind]:
        raise InvalidParameterValue(
            f"Invalid rule type for security group rule '{rule.id}'. "
            f"You may not specify {given[0]} for an existing {kind} rule."
        )
    new = copy.copy(rule)
    new.ip_protocol = wish.get("IpProtocol", rule.ip_protocol)
    new.from_port, new.to_port = wish.get("FromPort"), wish.get("ToPort")
    if kind in CIDRS:
        new.ip_range = {**rule.ip_range, "CidrIp" if kind == "CidrIpv4" else kind: wish.get(kind)}
    return new


def modify_strictly(lenient):
    def modify_security_group_rules(self, group_id, rules):
        group = self.get_security_group_by_name_or_id(group_id)
        if not state.strict or group is None:
            return lenient(self, group_id, rules)
        rules = {rule_id: with_canonical_cidrs(wish) for rule_id, wish in rules.items()}
        known = {rule.id: rule for rule in [*group.ingress_rules, *group.egress_rules]}
        new = {rule_id: modified(known[rule_id], wish) for rule_id, wish in rules.items() if rule_id in known}
        for rule in new.values():
            others = group.egress_rules if rule.is_egress else group.ingress_rules
            if any(rule == new.get(other.id, other) for other in others if other.id != rule.id):
                raise InvalidPermissionDuplicateError()
        lenient(self, group_id, rules)
        for rule_id, rule in new.items():
            # moto leaves the CIDR of IPv6 as it was.
            known[rule_id].ip_range.update({name: rule.ip_range[name] for name in CIDRS if name in rule.ip_range})

    return modify_security_group_rules


def authorize_strictly(lenient):
    def authorize_security_group_ingress(self, *args, **kwargs):
        ranges = kwargs.get("ip_ranges")
        if state.strict and isinstance(ranges, list):
            kwargs["ip_ranges"] = [with_canonical_cidrs(item) if isinstance(item, dict) else item for item in ranges]
        return lenient(self, *args, **kwargs)

    return authorize_security_group_ingress


def create_cluster_strictly(lenient):
    def create_db_cluster(self, kwargs):
        identifier = kwargs["db_cluster_identifier"].lower()
        if state.strict and identifier in self.clusters:
            raise RDSClientError("DBClusterAlreadyExistsFault", "DB Cluster already exists")
        if state.strict and kwargs.get("master_user_authentication_type") == "iam-db-auth":
            # moto wants a password of everybody.
            kwargs.setdefault("master_user_password", "no password")
        return lenient(self, kwargs)

    return create_db_cluster


def with_members(status):
    """The instances of a cluster start and stop with it."""

    def strictly(lenient):
        def change_db_cluster(self, cluster_identifier):
            answer = lenient(self, cluster_identifier)
            if state.strict:
                for member in self.clusters[cluster_identifier].members:
                    member.status = status
            return answer

        return change_db_cluster

    return strictly


def refuse_unavailable(database):
    if database.status not in ("available", "storage-optimization"):
        raise RDSClientError(
            "InvalidDBInstanceState",
            f"Cannot create a snapshot because the database instance {database.db_instance_identifier} "
            "is not currently in the available state.",
        )


def snapshot_strictly(lenient):
    def create_db_snapshot(self, *args, **kwargs):
        identifier = args[0] if args else kwargs["db_instance_identifier"]
        # Those that moto takes by itself are automated.
        manual = (args[2:] or [kwargs.get("snapshot_type", "manual")])[0] == "manual"
        if state.strict and manual and identifier in self.databases:
            refuse_unavailable(self.databases[identifier])
        return lenient(self, *args, **kwargs)

    return create_db_snapshot


def refuse_ambiguous(skip, name):
    if bool(skip) and name is not None:
        raise RDSClientError(
            "InvalidParameterCombination", "FinalDBSnapshotIdentifier can not be specified when skipping final snapshot"
        )
    if not skip and name is None:
        raise RDSClientError(
            "InvalidParameterCombination",
            "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
        )


def delete_strictly(lenient):
    """AWS wants exactly one of the two, and no final snapshot of what has no data of its own."""

    def delete_db_instance(self):
        name = self.params.get("FinalDBSnapshotIdentifier")
        database = self.backend.databases.get(self.params["DBInstanceIdentifier"])
        if state.strict and database is not None:
            if database.db_cluster_identifier is None:
                refuse_ambiguous(self.params.get("SkipFinalSnapshot"), name)
            elif name is not None:
                raise RDSClientError("InvalidParameterCombination", "It is an instance of a cluster.")
            else:
                refuse_stopped_cluster(database.cluster)
        return lenient(self)

    return delete_db_instance


def delete_cluster_strictly(lenient):
    def delete_db_cluster(self):
        cluster = self.backend.clusters.get(self.params["DBClusterIdentifier"])
        if state.strict and cluster is not None:
            refuse_ambiguous(self.params.get("SkipFinalSnapshot"), self.params.get("FinalDBSnapshotIdentifier"))
            refuse_stopped_cluster(cluster)
        answer = lenient(self)
        if state.strict and cluster is not None:
            forget_backups(self.backend, cluster)
        return answer

    return delete_db_cluster


def forget_backups(backend, cluster):
    """moto would find their names taken by a new cluster of the same name."""
    for name, snapshot in list(backend.cluster_snapshots.items()):
        if snapshot.snapshot_type == "automated" and snapshot.db_cluster_identifier == cluster.db_cluster_identifier:
            backend.cluster_snapshots.pop(name)


def refuse_stopped_cluster(cluster):
    if cluster.status == "stopped":
        raise RDSClientError(
            "InvalidDBClusterStateFault", f"Db cluster {cluster.db_cluster_identifier} is in stopped state"
        )


STRICT = {
    RDSResponse: {
        "delete_db_instance": delete_strictly,
        "delete_db_cluster": delete_cluster_strictly,
    },
    SecurityGroupBackend: {
        "modify_security_group_rules": modify_strictly,
        "authorize_security_group_ingress": authorize_strictly,
    },
    RDSBackend: {
        "create_db_cluster": create_cluster_strictly,
        "create_db_snapshot": snapshot_strictly,
        "start_db_cluster": with_members("available"),
        "stop_db_cluster": with_members("stopped"),
    },
}

for backend, methods in STRICT.items():
    for name, strictly in methods.items():
        setattr(backend, name, strictly(getattr(backend, name)))


# What Lambda tells and moto does not: links that lead to the code, and the revision of a function.


def with_layer_link(lenient):
    def get_layer_version(self):
        version = lenient(self)
        version["Content"]["Location"] = contents.link(self.code_bytes)
        return version

    return get_layer_version


def with_code_link(lenient):
    def get_code(self):
        told = lenient(self)
        if self.package_type == "Zip":
            told["Code"]["Location"] = contents.link(self.code_bytes)
        return told

    return get_code


def with_revision(lenient):
    def get_configuration(self, on_create=False):
        told = lenient(self, on_create)
        told["RevisionId"] = str(uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(told, sort_keys=True, default=str)))
        return told

    return get_configuration


def update_of_revision(lenient):
    def update_configuration(self, config_updates):
        revision = config_updates.get("RevisionId")
        if revision is not None and revision != self.get_configuration()["RevisionId"]:
            raise PreconditionFailedException("The Revision Id provided does not match the latest Revision Id.")
        return lenient(self, config_updates)

    return update_configuration


LayerVersion.get_layer_version = with_layer_link(LayerVersion.get_layer_version)
LambdaFunction.get_code = with_code_link(LambdaFunction.get_code)
LambdaFunction.get_configuration = with_revision(LambdaFunction.get_configuration)
LambdaFunction.update_configuration = update_of_revision(LambdaFunction.update_configuration)


def end_with_stdin():
    sys.stdin.buffer.read()
    os._exit(0)


def main():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", int(sys.argv[1]), application, threaded=True, request_handler=Handler)
    contents.port = server.server_port
    threading.Thread(target=end_with_stdin, daemon=True).start()
    print(f"listening {server.server_port}", flush=True)
    server.serve_forever()


main()
