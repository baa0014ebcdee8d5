/** The icons that a type of records can have: few, and unlike each other at 16 px. Their names are kept in the book. */
import Archive from 'lucide-react/icons/archive';
import Binoculars from 'lucide-react/icons/binoculars';
import BookOpen from 'lucide-react/icons/book-open';
import Building from 'lucide-react/icons/building-2';
import Calendar from 'lucide-react/icons/calendar';
import Car from 'lucide-react/icons/car';
import ClipboardCheck from 'lucide-react/icons/clipboard-check';
import Coins from 'lucide-react/icons/coins';
import FileText from 'lucide-react/icons/file-text';
import Flag from 'lucide-react/icons/flag';
import Flask from 'lucide-react/icons/flask-conical';
import Heart from 'lucide-react/icons/heart';
import House from 'lucide-react/icons/house';
import Key from 'lucide-react/icons/key-round';
import Leaf from 'lucide-react/icons/leaf';
import ListChecks from 'lucide-react/icons/list-checks';
import MapPin from 'lucide-react/icons/map-pin';
import Package from 'lucide-react/icons/package';
import PawPrint from 'lucide-react/icons/paw-print';
import Phone from 'lucide-react/icons/phone';
import Plane from 'lucide-react/icons/plane';
import Receipt from 'lucide-react/icons/receipt';
import Tag from 'lucide-react/icons/tag';
import Truck from 'lucide-react/icons/truck';
import Users from 'lucide-react/icons/users';
import Utensils from 'lucide-react/icons/utensils';
import Wrench from 'lucide-react/icons/wrench';
import type { LucideIcon } from 'lucide-react';

export interface TypeIcon {
  /** What the book keeps. Never rename one: types made before would lose theirs. */
  readonly name: string;
  /** How it is called where one is picked. */
  readonly label: string;
  readonly icon: LucideIcon;
}

export const TYPE_ICONS: readonly TypeIcon[] = [
  { name: 'file', label: 'Page', icon: FileText },
  { name: 'list', label: 'List', icon: ListChecks },
  { name: 'clipboard', label: 'Clipboard', icon: ClipboardCheck },
  { name: 'package', label: 'Package', icon: Package },
  { name: 'archive', label: 'Archive box', icon: Archive },
  { name: 'people', label: 'People', icon: Users },
  { name: 'phone', label: 'Phone', icon: Phone },
  { name: 'building', label: 'Building', icon: Building },
  { name: 'house', label: 'House', icon: House },
  { name: 'pin', label: 'Place', icon: MapPin },
  { name: 'calendar', label: 'Calendar', icon: Calendar },
  { name: 'flag', label: 'Flag', icon: Flag },
  { name: 'tag', label: 'Tag', icon: Tag },
  { name: 'coins', label: 'Coins', icon: Coins },
  { name: 'receipt', label: 'Receipt', icon: Receipt },
  { name: 'truck', label: 'Truck', icon: Truck },
  { name: 'car', label: 'Car', icon: Car },
  { name: 'plane', label: 'Plane', icon: Plane },
  { name: 'wrench', label: 'Wrench', icon: Wrench },
  { name: 'key', label: 'Key', icon: Key },
  { name: 'flask', label: 'Flask', icon: Flask },
  { name: 'binoculars', label: 'Binoculars', icon: Binoculars },
  { name: 'leaf', label: 'Leaf', icon: Leaf },
  { name: 'paw', label: 'Paw', icon: PawPrint },
  { name: 'book', label: 'Book', icon: BookOpen },
  { name: 'utensils', label: 'Cutlery', icon: Utensils },
  { name: 'heart', label: 'Heart', icon: Heart },
];

const byName = new Map(TYPE_ICONS.map((each) => [each.name, each.icon]));

/** The drawing of a type's icon; a page where it has none, or one that this version does not know. */
export function iconOfType(name: string | null): LucideIcon {
  return byName.get(name ?? '') ?? FileText;
}
