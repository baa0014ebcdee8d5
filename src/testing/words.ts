/** Words that generated records are made of. */
const split = (text: string): readonly string[] => text.split(',');

export const firstNames = split(
  'Ada,Alan,Amir,Anna,Asha,Ben,Carla,Chen,Clara,David,Dora,Elif,Emma,Erik,Farid,Fiona,Grace,Hana,Hugo,Ines,Ivan,Jana,Jonas,Julia,Kai,Karim,Lars,Leila,Lena,Luca,Maja,Marco,Maria,Milan,Mina,Nadia,Nina,Noah,Nora,Olga,Omar,Paul,Petra,Priya,Rosa,Ruth,Samir,Sara,Sven,Tara,Theo,Tomas,Uma,Vera,Victor,Wanda,Yara,Yusuf,Zara,Zoe',
);
export const lastNames = split(
  'Abbott,Adler,Ahmed,Bauer,Becker,Blake,Bose,Brown,Carter,Castro,Chan,Clark,Costa,Diaz,Dubois,Evans,Fischer,Fontana,Garcia,Gupta,Haas,Hansen,Hughes,Ibrahim,Ito,Jensen,Kaya,Keller,Khan,Kim,Klein,Kowalski,Kumar,Lang,Larsen,Lee,Lopez,Maier,Marino,Martin,Meyer,Mori,Murphy,Nair,Nguyen,Novak,Olsen,Park,Patel,Petrov,Rossi,Sato,Schmidt,Silva,Singh,Suzuki,Tanaka,Turner,Vogel,Walsh,Weber,Wong,Yilmaz,Young,Zhang',
);
export const cities = split(
  'Aarhus,Accra,Ankara,Athens,Austin,Basel,Bergen,Bilbao,Bogota,Boston,Bremen,Cairo,Calgary,Cardiff,Chennai,Cork,Dakar,Denver,Dublin,Florence,Geneva,Genoa,Ghent,Graz,Hamburg,Hanoi,Helsinki,Jakarta,Kyoto,Lagos,Leeds,Leipzig,Lima,Lisbon,Lyon,Madrid,Malaga,Manila,Marseille,Melbourne,Mumbai,Munich,Nairobi,Naples,Oslo,Osaka,Porto,Prague,Quito,Riga,Rotterdam,San José,São Paulo,Seville,Sofia,Tampere,Toronto,Turin,Utrecht,Vienna,Warsaw,Zürich',
);
export const companies = split(
  'Acorn,Alder,Anvil,Apex,Atlas,Beacon,Birch,Bramble,Bridgeway,Canvas,Cedar,Cobalt,Compass,Copper,Crescent,Delta,Drift,Ember,Falcon,Fern,Foundry,Garnet,Granite,Harbour,Hazel,Heron,Indigo,Ivory,Juniper,Keystone,Lantern,Larch,Linden,Lumen,Maple,Meridian,Mosaic,Nimbus,Northwind,Oakfield,Orchard,Osprey,Pebble,Pioneer,Quarry,Quill,Raven,Ridge,Saffron,Signal,Slate,Sparrow,Summit,Tandem,Thistle,Tidewater,Timber,Umber,Vector,Willow',
);
export const streets = split(
  'Abbey Road,Alder Street,Baker Street,Bridge Street,Castle Hill,Chapel Lane,Church Street,Dock Road,East Avenue,Elm Grove,Ferry Lane,Garden Street,Green Lane,Hafenstraße,High Street,Kings Road,Lake View,Market Square,Mill Lane,North Street,Park Avenue,Quai des Bergues,Queens Drive,River Walk,Rue de la Paix,School Lane,South Parade,Station Road,Via Roma,Vine Street,Water Lane,West End,Windmill Hill,York Place',
);
export const notes = split(
  'Call back after the holidays,Prefers e-mail,Met at the trade fair in spring,Invoice goes to the head office,Ask for the new price list,Moved: new address to follow,Only mornings,Speaks German and a little Italian',
);
