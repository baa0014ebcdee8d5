import type { Template } from './template.ts';

export const fieldNotes: Template = {
  key: 'field-notes',
  name: 'Field notes',
  summary: 'What you saw, where and when, written down on the spot',
  icon: 'binoculars',
  types: [
    {
      key: 'note',
      name: 'Field notes',
      icon: 'binoculars',
      fields: [
        { key: 'title', name: 'Seen', kind: 'text' },
        { key: 'at', name: 'Time', kind: 'dateTime' },
        { key: 'place', name: 'Place', kind: 'link', target: 'place' },
        { key: 'count', name: 'How many', kind: 'number' },
        {
          key: 'weather',
          name: 'Weather',
          kind: 'select',
          options: [
            ['Clear', 2],
            ['Overcast', 0],
            ['Rain', 4],
            ['Fog', 5],
            ['Frost', 6],
          ],
        },
        {
          key: 'tags',
          name: 'Tags',
          kind: 'multiSelect',
          options: [
            ['Bird', 4],
            ['Mammal', 3],
            ['Plant', 1],
            ['Fungus', 2],
            ['Track', 0],
            ['Rare', 6],
          ],
        },
        { key: 'sure', name: 'Certain', kind: 'checkbox' },
        { key: 'note', name: 'Note', kind: 'longText' },
      ],
      samples: [
        {
          values: {
            title: 'Kingfisher',
            at: { day: -1, at: '07:42' },
            place: 'weir',
            count: 1,
            weather: 'Frost',
            tags: ['Bird'],
            sure: true,
            note: 'On the dead branch below the weir. Two dives, one fish, then upstream and out of sight.',
          },
        },
        {
          values: {
            title: 'Otter tracks',
            at: { day: -1, at: '08:05' },
            place: 'weir',
            weather: 'Frost',
            tags: ['Mammal', 'Track'],
            sure: false,
            note: 'Five toes, web just visible in the mud. Could be mink: the stride is short.',
          },
        },
        {
          values: {
            title: 'Fieldfares',
            at: { day: -5, at: '15:20' },
            place: 'orchard',
            count: 60,
            weather: 'Overcast',
            tags: ['Bird'],
            sure: true,
            note: 'On the windfalls, with a few redwings among them. First flock of the season.',
          },
        },
        {
          values: {
            title: 'Velvet shank',
            at: { day: -8, at: '11:10' },
            place: 'wood',
            count: 12,
            weather: 'Rain',
            tags: ['Fungus'],
            sure: true,
            note: 'On the fallen elm, above last year’s patch.',
          },
        },
        {
          values: {
            title: 'Roe deer',
            at: { day: -8, at: '11:35' },
            place: 'wood',
            count: 3,
            weather: 'Rain',
            tags: ['Mammal'],
            sure: true,
          },
        },
        {
          values: {
            title: 'Ghost orchid?',
            at: { day: -96, at: '09:15' },
            place: 'wood',
            count: 1,
            weather: 'Fog',
            tags: ['Plant', 'Rare'],
            sure: false,
            note: 'One stem in deep litter under the beeches. Past flowering. Come back in August and tell nobody where.',
          },
        },
      ],
    },
    {
      key: 'place',
      name: 'Places',
      icon: 'pin',
      fields: [
        { key: 'name', name: 'Place', kind: 'text' },
        { key: 'latitude', name: 'Latitude', kind: 'number' },
        { key: 'longitude', name: 'Longitude', kind: 'number' },
        { key: 'way', name: 'How to get there', kind: 'longText' },
      ],
      samples: [
        {
          key: 'weir',
          values: {
            name: 'Lower weir',
            latitude: 51.7461,
            longitude: -1.2583,
            way: 'Towpath from the lock, ten minutes. Slippery after rain.',
          },
        },
        { key: 'orchard', values: { name: 'Old orchard', latitude: 51.7522, longitude: -1.2719 } },
        {
          key: 'wood',
          values: {
            name: 'Beech hangar',
            latitude: 51.7609,
            longitude: -1.3105,
            way: 'Gate on the ridge road; park at the barn.',
          },
        },
      ],
    },
  ],
};
