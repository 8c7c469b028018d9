/** Give an element the focus as soon as it is there. A browser minds `autofocus` only as long as nothing else was ever focused. */
export const focused = (element: HTMLElement | null): void => element?.focus();
