/** The viewer's own API keys. A new key is here until one leaves the page, and nowhere else. */

import { signal } from "@preact/signals";
import { addApiKey, getApiKeys, revokeApiKey } from "../api/resources";
import type { ApiKey } from "../api/types";
import { load, loading } from "./loading";

export const apiKeys = loading<ApiKey[]>();
export const madeKey = signal<(ApiKey & { api_key: string }) | null>(null);

export function openKeys(): () => void {
  void load(apiKeys, getApiKeys);
  return () => (madeKey.value = null);
}

/** Throws what the server said. */
export async function makeKey(name: string): Promise<void> {
  madeKey.value = await addApiKey(name);
  await load(apiKeys, getApiKeys);
}

/** Throws what the server said. */
export async function revokeKey(id: string): Promise<void> {
  await revokeApiKey(id);
  if (madeKey.value?.id === id) madeKey.value = null;
  await load(apiKeys, getApiKeys);
}
