"""MiniStack gives a resource without a name the same name in each Region. IAM knows no Regions, so the roles of the second
Region would replace those of the first."""
import hashlib

from ministack.core.responses import get_region
from ministack.services.cloudformation import provisioners


def install():
    made_up = provisioners._physical_name

    def of_this_region(stack, logical_id, *, lowercase=False, **options):
        head, suffix = made_up(stack, logical_id, lowercase=lowercase, **options).rsplit("-", 1)
        mark = hashlib.sha256(f"{get_region()}{suffix}".encode()).hexdigest()[:len(suffix)]
        return f"{head}-{mark if lowercase else mark.upper()}"

    provisioners._physical_name = of_this_region
