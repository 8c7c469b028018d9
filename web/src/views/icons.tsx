/** Icons, drawn with the text's colour on a grid of 16. They say nothing to a screen reader: the control that has one does. */

import type { ComponentChildren, JSX } from "preact";

function icon(shape: ComponentChildren): () => JSX.Element {
  return () => (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      {shape}
    </svg>
  );
}

export const EyeIcon = icon(<><path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8Z" /><circle cx="8" cy="8" r="2" /></>);
export const EyeOffIcon = icon(<><path d="M3.2 5.2C2.1 6.500 1.500 8 1.500 8S4 12.500 8 12.500c.9 0 1.700-.2 2.400-.5M6.200 3.700c.6-.1 1.200-.2 1.800-.2 4 0 6.500 4.500 6.500 4.500s-.5 1-1.500 2.100" /><path d="m2.500 2.500 11 11" /></>);
export const SearchIcon = icon(<><circle cx="7" cy="7" r="4.300" /><path d="m10.300 10.300 3.200 3.200" /></>);
export const SunIcon = icon(<><circle cx="8" cy="8" r="2.800" /><path d="M8 1.500v1.300M8 13.200v1.300M1.500 8h1.300M13.200 8h1.300M3.400 3.400l.9.9M11.700 11.700l.9.9M3.400 12.600l.9-.9M11.700 4.300l.9-.9" /></>);
export const MoonIcon = icon(<path d="M13.500 9.600A5.800 5.800 0 0 1 6.400 2.500a5.800 5.800 0 1 0 7.100 7.100Z" />);
export const CopyIcon = icon(<><rect x="5.500" y="5.500" width="8" height="8" rx="1.500" /><path d="M3.500 10.500h-.3a.7.7 0 0 1-.7-.7V3.200c0-.4.3-.7.7-.7h6.600c.4 0 .7.3.7.700v.3" /></>);
export const CheckIcon = icon(<path d="m3 8.500 3.300 3.300L13 4.800" />);
export const CrossIcon = icon(<path d="m4 4 8 8M12 4l-8 8" />);
export const ChevronIcon = icon(<path d="m6 3.500 4.500 4.500L6 12.500" />);
export const TrashIcon = icon(<path d="M2.500 4h11M6 4V2.500h4V4M4 4l.6 9a.6.6 0 0 0 .6.500h5.600a.6.6 0 0 0 .6-.500L12 4" />);
export const PencilIcon = icon(<path d="m10.500 3 2.500 2.500-7.500 7.500H3v-2.500L10.500 3Z" />);
export const UpIcon = icon(<path d="M8 13V3.500M3.500 7.500 8 3l4.500 4.500" />);
export const DownIcon = icon(<path d="M8 3v9.500M3.500 8.500 8 13l4.500-4.500" />);
export const StopIcon = icon(<rect x="4" y="4" width="8" height="8" rx="1.500" />);
export const PlayIcon = icon(<path d="M5 3.200v9.600L12.800 8Z" fill="currentColor" />);
export const PauseIcon = icon(<path d="M5.500 3.500v9M10.500 3.500v9" stroke-width="2.200" />);
export const RewindIcon = icon(<path d="M7.500 4 3.500 8l4 4M12.500 4l-4 4 4 4" />);
export const ForkIcon = icon(<><path d="M2.500 4.500H8a3 3 0 0 1 3 3V12M2.500 4.500h11" /><path d="m8.800 9.900 2.200 2.200 2.200-2.200" /></>);
export const EndIcon = icon(<path d="m4 3.500 5 4.500-5 4.500M12 3.500v9" />);
export const FileIcon = icon(<path d="M4 2h5l3 3v9H4V2ZM9 2v3h3" />);
export const FolderIcon = icon(<path d="M2 4.500V12c0 .5.4 1 1 1h10c.6 0 1-.5 1-1V6c0-.5-.4-1-1-1H8L6.500 3.500H3c-.6 0-1 .5-1 1Z" />);
export const DownloadIcon = icon(<path d="M8 2.500V10M4.800 7 8 10.200 11.200 7M3 13.500h10" />);
export const SlidersIcon = icon(<><path d="M2.500 5h6.500M12.500 5h1M2.500 11h1M7 11h6.500" /><circle cx="10.800" cy="5" r="1.700" /><circle cx="5.200" cy="11" r="1.700" /></>);
export const ColumnsIcon = icon(<path d="M2.500 3h11v10h-11zM6.200 3v10M9.800 3v10" />);
export const PinIcon = icon(<path d="M5.500 2.500h5M6.200 2.500v4L4.500 9v.8h7V9L9.800 6.500v-4M8 9.800v4" />);
export const ListIcon = icon(<path d="M2.500 4h11M2.500 8h11M2.500 12h11" />);

export function Mark(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
      <path d="M7 3.500h10v5.600L12 13.600 7 9.100z" fill="currentColor" />
      <path d="M12 12.500v8" stroke="currentColor" stroke-width="2.400" stroke-linecap="round" />
    </svg>
  );
}
