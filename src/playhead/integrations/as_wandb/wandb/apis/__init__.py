"""`wandb.apis`."""

from wandb.apis import public

__all__ = ["PublicApi", "public"]

PublicApi = public.Api
