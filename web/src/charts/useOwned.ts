/** Something that lives as long as its component. */

import { useEffect, useMemo } from "preact/hooks";

export function useOwned<T extends { close(): void }>(make: () => T): T {
  const owned = useMemo(make, []);
  useEffect(() => () => owned.close(), []);
  return owned;
}
