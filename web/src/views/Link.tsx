/** A link within the page: a plain click does not load it anew; every other click is the browser's. */

import type { JSX } from "preact";
import { navigate } from "../state/location";

export type LinkProps = JSX.IntrinsicElements["a"] & { href: string };

export function Link({ href, children, ...rest }: LinkProps): JSX.Element {
  const click = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.defaultPrevented) return;
    event.preventDefault();
    navigate(href);
  };
  return (
    <a {...rest} href={href} onClick={click}>
      {children}
    </a>
  );
}
