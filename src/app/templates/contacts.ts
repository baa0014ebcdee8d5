import type { Template } from './template.ts';

export const contacts: Template = {
  key: 'contacts',
  name: 'Contacts',
  summary: 'People and organisations, and what you last agreed with them',
  icon: 'people',
  types: [
    {
      key: 'person',
      name: 'People',
      icon: 'people',
      fields: [
        { key: 'name', name: 'Name', kind: 'text' },
        { key: 'organisation', name: 'Organisation', kind: 'link', target: 'organisation' },
        { key: 'role', name: 'Role', kind: 'text' },
        {
          key: 'groups',
          name: 'Groups',
          kind: 'multiSelect',
          options: [
            ['Client', 1],
            ['Supplier', 4],
            ['Partner', 5],
            ['Press', 6],
            ['Friend', 2],
          ],
        },
        { key: 'email', name: 'E-mail', kind: 'email' },
        { key: 'phone', name: 'Phone', kind: 'phone' },
        { key: 'spoke', name: 'Last spoke', kind: 'date' },
        { key: 'next', name: 'Next step', kind: 'text' },
        { key: 'when', name: 'Next step on', kind: 'date' },
        { key: 'notes', name: 'Notes', kind: 'longText' },
      ],
      samples: [
        {
          values: {
            name: 'Amara Nwosu',
            organisation: 'brightwater',
            role: 'Head of operations',
            groups: ['Client'],
            email: 'amara@brightwater.example',
            phone: '+1 555 0134',
            spoke: { day: -3 },
            next: 'Send the revised offer',
            when: { day: 2 },
            notes: 'Prefers a call before noon. Decides together with Jonas.',
          },
        },
        {
          values: {
            name: 'Jonas Lindqvist',
            organisation: 'brightwater',
            role: 'Finance',
            groups: ['Client'],
            email: 'jonas@brightwater.example',
            spoke: { day: -17 },
          },
        },
        {
          values: {
            name: 'Clara Villeneuve',
            organisation: 'atelier',
            role: 'Owner',
            groups: ['Supplier', 'Friend'],
            email: 'clara@atelier-v.example',
            phone: '+1 555 0178',
            spoke: { day: -9 },
            next: 'Agree a date for the visit',
            when: { day: 5 },
          },
        },
        {
          values: {
            name: 'Tomás Herrera',
            organisation: 'herald',
            role: 'Reporter',
            groups: ['Press'],
            email: 't.herrera@herald.example',
            phone: '+1 555 0112',
            spoke: { day: -40 },
            notes: 'Writes about local trade. Wants figures, not adjectives.',
          },
        },
        {
          values: {
            name: 'Mei Tanaka',
            role: 'Translator',
            groups: ['Partner'],
            email: 'mei@tanaka.example',
            phone: '+1 555 0190',
            spoke: { day: -1 },
            next: 'Proofs of the catalogue',
            when: { day: 12 },
          },
        },
        {
          values: {
            name: 'Samir Haddad',
            organisation: 'atelier',
            role: 'Workshop',
            groups: ['Supplier'],
            phone: '+1 555 0166',
          },
        },
      ],
    },
    {
      key: 'organisation',
      name: 'Organisations',
      icon: 'building',
      fields: [
        { key: 'name', name: 'Name', kind: 'text' },
        { key: 'web', name: 'Website', kind: 'url' },
        { key: 'city', name: 'City', kind: 'text' },
        { key: 'about', name: 'About', kind: 'longText' },
      ],
      samples: [
        {
          key: 'brightwater',
          values: {
            name: 'Brightwater Foods',
            web: 'https://brightwater.example',
            city: 'Portland',
            about: 'Three shops and a small canteen. Invoices at the end of the month.',
          },
        },
        {
          key: 'atelier',
          values: { name: 'Atelier V', web: 'https://atelier-v.example', city: 'Lyon', about: 'Bookbinders.' },
        },
        { key: 'herald', values: { name: 'The Evening Herald', web: 'https://herald.example', city: 'Portland' } },
      ],
    },
  ],
};
