import type { Template } from './template.ts';

export const inspections: Template = {
  key: 'inspections',
  name: 'Inspections',
  summary: 'Visits to sites, what was found, and what is still to be put right',
  icon: 'clipboard',
  types: [
    {
      key: 'inspection',
      name: 'Inspections',
      icon: 'clipboard',
      fields: [
        { key: 'title', name: 'Inspection', kind: 'text' },
        { key: 'site', name: 'Site', kind: 'link', target: 'site' },
        {
          key: 'status',
          name: 'Status',
          kind: 'select',
          options: [
            ['Planned', 4],
            ['In progress', 2],
            ['Passed', 1],
            ['Failed', 3],
          ],
        },
        { key: 'date', name: 'Date', kind: 'date' },
        {
          key: 'severity',
          name: 'Severity',
          kind: 'select',
          options: [
            ['None', 0],
            ['Minor', 7],
            ['Major', 2],
            ['Critical', 3],
          ],
        },
        { key: 'due', name: 'Put right by', kind: 'date' },
        { key: 'inspector', name: 'Inspector', kind: 'text' },
        { key: 'findings', name: 'Findings', kind: 'longText' },
        { key: 'signed', name: 'Signed off', kind: 'checkbox' },
      ],
      samples: [
        {
          values: {
            title: 'Fire doors, ground floor',
            site: 'mill',
            status: 'Failed',
            date: { day: -6 },
            severity: 'Critical',
            due: { day: 1 },
            inspector: 'R. Okafor',
            findings:
              'Door to stair B does not latch: closer arm is bent.\nWedge found under the door to the loading bay.',
            signed: false,
          },
        },
        {
          values: {
            title: 'Emergency lighting, monthly',
            site: 'mill',
            status: 'Passed',
            date: { day: -6 },
            severity: 'None',
            inspector: 'R. Okafor',
            findings: 'All 42 fittings held for the full hour.',
            signed: true,
          },
        },
        {
          values: {
            title: 'Roof and gutters',
            site: 'harbour',
            status: 'In progress',
            date: { day: 0 },
            severity: 'Minor',
            due: { day: 21 },
            inspector: 'L. Brandt',
            findings: 'North gutter is full of leaves. Flashing at the chimney to be looked at from the scaffold.',
          },
        },
        {
          values: {
            title: 'Sprinkler valves, quarterly',
            site: 'harbour',
            status: 'Passed',
            date: { day: -34 },
            severity: 'None',
            inspector: 'L. Brandt',
            signed: true,
          },
        },
        {
          values: {
            title: 'Playground surface',
            site: 'school',
            status: 'Failed',
            date: { day: -12 },
            severity: 'Major',
            due: { day: 9 },
            inspector: 'M. Sato',
            findings: 'Rubber tiles lift at two edges beside the climbing frame. Taped off until they are glued again.',
            signed: false,
          },
        },
        {
          values: { title: 'Lift, yearly', site: 'school', status: 'Planned', date: { day: 8 }, inspector: 'M. Sato' },
        },
      ],
    },
    {
      key: 'site',
      name: 'Sites',
      icon: 'building',
      fields: [
        { key: 'name', name: 'Site', kind: 'text' },
        { key: 'address', name: 'Address', kind: 'text' },
        { key: 'contact', name: 'Contact', kind: 'text' },
        { key: 'phone', name: 'Phone', kind: 'phone' },
        { key: 'access', name: 'Getting in', kind: 'longText' },
      ],
      samples: [
        {
          key: 'mill',
          values: {
            name: 'Old Mill offices',
            address: '14 Weir Lane',
            contact: 'Dana Whitlock',
            phone: '+44 20 7946 0018',
            access: 'Sign in at the front desk. Plant room key is in the safe.',
          },
        },
        {
          key: 'harbour',
          values: {
            name: 'Harbour warehouse 3',
            address: 'Quay Road, gate B',
            contact: 'Piet Janssen',
            phone: '+44 20 7946 0147',
            access: 'Hard hat and boots from the gate on.',
          },
        },
        {
          key: 'school',
          values: {
            name: 'Elm Street school',
            address: '2 Elm Street',
            contact: 'Ines Ferreira',
            phone: '+44 20 7946 0233',
            access: 'Not between 8:15 and 9:00. Ask for the caretaker.',
          },
        },
      ],
    },
  ],
};
