/** Ways to look at one thing, side by side. How the page is set up goes along. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { query } from "../state/location";
import { Link } from "./Link";

export interface TabsProps<T extends string> {
  label: string;
  /** Each with its words and its address. */
  tabs: readonly (readonly [T, string, string])[];
  open: T;
  class?: string;
}

export function Tabs<T extends string>({ label, tabs, open, ...rest }: TabsProps<T>): JSX.Element {
  const nav = useRef<HTMLElement>(null);
  // On a narrow window there are more than fit.
  useEffect(() => {
    const [row, tab] = [nav.current, nav.current?.querySelector<HTMLElement>("[aria-current]")];
    if (row && tab) row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
  }, [open]);
  return (
    <nav class={`tabs ${rest.class ?? ""}`} aria-label={label} ref={nav}>
      {tabs.map(([name, text, address]) => (
        <Link key={name} href={address + query.value} aria-current={name === open ? "page" : undefined}>{text}</Link>
      ))}
    </nav>
  );
}
