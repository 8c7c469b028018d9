/** Lists that come in pages. */

export interface Paged<T> {
  items: readonly T[];
  /** Where the next page begins; null on the last. */
  next: string | null;
}

/** All items, some `most` of them at most, and whether there are more. Ends early when nobody wants them any more; `came` is told of all so far. */
export async function allPages<T>(
  page: (cursor: string | undefined) => Promise<Paged<T>>, most: number, { wanted = () => true, came }: { wanted?: () => boolean; came?: (items: T[]) => void } = {},
): Promise<{ items: T[]; more: boolean }> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const found = await page(cursor);
    items.push(...found.items);
    cursor = found.next ?? undefined;
    if (wanted()) came?.(items);
  } while (cursor !== undefined && items.length < most && wanted());
  return { items, more: cursor !== undefined };
}
