"""Aurora Global Databases in templates: MiniStack has their API, and not the resource type. Its clusters do not join them,
can be deleted though protected, and its list of Aurora's versions has gaps. There is no database behind its clusters, so they have
the endpoints of the local one."""
import json
import os
import re

from ministack.core.responses import get_region
from ministack.services import rds
from ministack.services.cloudformation import provisioners

from patching import or_fail


def endpoints_here():
    """The Region's writer and reader, each as host:port."""
    with open(os.environ["DATABASE_ENDPOINTS"]) as file:
        return json.load(file)[get_region()]


class AnyAuroraVersion(set):
    def __contains__(self, version):
        return re.fullmatch(r"8\.[04]\.mysql_aurora\.\d+\.\d+\.\d+", version) is not None or super().__contains__(version)


def ask(function, **fields):
    def text(value):
        return str(value).lower() if isinstance(value, bool) else str(value)

    or_fail(function({key: [text(value)] for key, value in fields.items()}))


def create_global(logical_id, props, stack):
    ask(rds._create_global_cluster, **props)
    return props["GlobalClusterIdentifier"], {}


def update_global(physical_id, old, new, stack, logical_id=None):
    if old != new:
        protection = new.get("DeletionProtection", False)
        ask(rds._modify_global_cluster, GlobalClusterIdentifier=physical_id, DeletionProtection=protection)
    return physical_id, {}


def delete_global(physical_id, props):
    ask(rds._delete_global_cluster, GlobalClusterIdentifier=physical_id)


def create_cluster(logical_id, props, stack, create=provisioners._rds_db_cluster_create):
    name = props.get("GlobalClusterIdentifier")
    if not name:
        return create(logical_id, props, stack)
    world = rds._global_clusters.get(name)
    if world is None:
        raise ValueError(f"Global cluster {name} not found")
    is_first = not world.get("GlobalClusterMembers")
    if not is_first and any(props.get(key) for key in ("MasterUsername", "MasterUserPassword", "DatabaseName")):
        raise ValueError("A secondary cluster takes no master user, no password and no database name")
    made = create(logical_id, props, stack)
    cluster = rds._clusters[made[0]]
    rds._attach_cluster_to_global(world, cluster, is_first)
    here = endpoints_here()
    cluster["Endpoint"], cluster["ReaderEndpoint"] = here["writer"], here["reader"]
    return made[0], provisioners._rds_db_cluster_attrs(cluster)


def delete_cluster(physical_id, props, delete=provisioners._rds_db_cluster_delete):
    cluster = rds._clusters.get(physical_id) or {}
    if cluster.get("DeletionProtection"):
        raise ValueError("Cannot delete protected Cluster, please disable deletion protection and try again.")
    world = rds._global_clusters.get(cluster.get("GlobalClusterIdentifier"))
    if world:
        members = world["GlobalClusterMembers"]
        member = next(one for one in members if one["DBClusterArn"] == cluster["DBClusterArn"])
        if member["IsWriter"] and len(members) > 1:
            raise ValueError("A primary cluster cannot be deleted while its global database has secondary clusters")
        members.remove(member)
    delete(physical_id, props)


def install():
    rds.AURORA_MYSQL_ENGINE_VERSION_SET = AnyAuroraVersion(rds.AURORA_MYSQL_ENGINE_VERSION_SET)
    handlers = provisioners._RESOURCE_HANDLERS
    handlers["AWS::RDS::GlobalCluster"] = {
        "create": create_global, "update": update_global, "update_with_logical_id": True, "delete": delete_global,
    }
    handlers["AWS::RDS::DBCluster"] = {
        **handlers["AWS::RDS::DBCluster"], "create": create_cluster, "delete": delete_cluster,
    }
