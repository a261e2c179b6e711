"""Words from outside the picture-book world, so that the planner learns to copy what it has never seen.

Every sixth word of each list is held out: it appears only in conversations made with `unseen=True`.
"""

from pentimento.starter.words import KINDS

_EVERY = """
anchor ant apron armchair arrow avocado badge badger bagel bakery bamboo banana banjo barn barrel basket bat bathtub
beaver bed bee beetle bell belt bench bicycle biscuit bison blanket blender bonfire book bookshelf boot bottle bowl box
bread bridge broom bucket bulldozer bus butterfly button cabbage cactus cake calendar camel camera camper canary candle
canoe canyon cap capybara caravan cardigan carousel carpet carrot castle caterpillar cauldron cello chair chameleon
cheese cherry chess chicken chimney chipmunk church circle cloak clock cloud clown coat cobra coconut coffee coin comet
compass cookie coral corn cottonball couch cow cowboy coyote crab crane crayon cricket crocodile crow crown crystal cube
cucumber cup cupboard curtain cushion daisy deer desk dinosaur diver doll dolphin donkey donut door dragon dragonfly
dress drone drum eagle easel eel egg elephant elf engine envelope eraser fairy falcon fan feather fence fern ferret
fiddle firefly fireplace fish flag flamingo flute footprint fork fountain frog gate gazelle ghost giraffe glacier glass
globe glove goat goblin goldfish goose gorilla grandmother grape guitar hammer hammock hamster harbour harp hat hawk
hedgehog helicopter helmet hen heron hippo honeycomb horse hourglass hummingbird hydrant iceberg igloo iguana island
jacket jaguar jar jellyfish jug juggler kangaroo kayak kettle key kite kiwi knight koala ladder ladybug lamp lantern
leaf lemon leopard letter lighthouse lily lion lizard llama lobster lollipop lynx magnet mailbox mammoth mango map maple
mask meerkat melon mermaid meteor microscope mill mirror mitten mole monk monkey monster moon moose mop motorcycle moth
mountain mouse muffin narwhal necklace needle nest newspaper ninja noodle notebook oak oasis octopus olive onion
orchid ostrich otter oven owlbear paintbrush palace palm pancake panda panther parachute parrot passport peach peacock
peanut pear pelican pen pencil penguin piano pickle picnic pie pig pigeon pillow pineapple pirate pizza planet plate
platypus plum pony popcorn porcupine postcard potato pretzel prince princess puffin pumpkin puppet puzzle pyramid quail
queen quilt raccoon radio radish railway rainbow raven ribbon river robin robot rocket rose rug saddle sailor salamander
salmon sandwich satellite saxophone scarecrow scarf scooter seagull seahorse seal shark sheep shell ship shoe shovel
signpost skateboard skeleton skunk sled sloth snail snake snowman sock sofa spaceship sparrow spider spoon spruce squid
stable star starfish statue stool stork strawberry submarine suitcase sunflower surfboard swan sword table taxi teapot
teddy telescope tent thimble tiger toaster tomato tortoise tower tractor train trampoline treasure tricycle troll
trophy truck trumpet tugboat turkey turnip turtle typewriter umbrella unicorn vase viking violin volcano vulture waffle
wagon walnut walrus wardrobe watch waterfall watermelon weasel well whale wheel windmill witch wizard wolf wombat
woodpecker worm yak yacht zebra zeppelin
acorn accordion acrobat alarm alien alley alligator almond alpaca ambulance angel ape aquarium arch archer armadillo
armour astronaut axe baby backpack bagpipe baker balcony ballerina bandage banner barbecue barber baboon bassoon
bathrobe bay beacon beanbag beard beehive beetroot beret billboard binoculars birdcage birdhouse blackbird blackberry
blouse blueberry boar bobsled bonsai bookcase boomerang bouquet boxer boy bracelet branch brick bride brooch brush
bubble buffalo bull bumblebee bun bungalow bunny burger burrito bush butcher cabin cable calf calculator campfire candy
cannon cape captain car cart cashew castanet catfish cauliflower cave celery centaur chain chandelier chariot chef
cherub chick child chilli chisel cliff clam clarinet cobweb cockatoo cocktail cod collar comb computer conductor cone
cottage cottonwood cowbell cradle crate crib croissant crossbow crowbar crutch cupcake curl cyclist cymbal dad dagger
dandelion dancer dam dentist detective dice dish doctor doormat doughnut dove drawbridge driver duckling dwarf earring
earthworm elbow elevator emu eye eyebrow fawn farmer father ferry fiddler fig fireman firetruck fisherman flagpole flask
flea flip-flop fly foal foil football footstool forklift fort freckle freighter fridge fruit funnel gardener garland
gecko geese geyser giant ginger girl glider gnome gondola gong grandfather grandma grandpa grapefruit grasshopper
gravestone greenhouse grill groom guinea guard gull gymnast hairbrush hairdryer halo hamburger hand handbag handcart
harpoon hazelnut headphones hedge heart hoodie hook hoop horn hose hot-dog hotel hound house houseboat hut hyena ibis
icicle iris ironing ivy jackal jeep jester jetty jockey joker judge keyboard kid kimono king kitten kiosk knife knot koi
lab lad lady lake lamb lampshade laptop lark latte lawnmower leek lemming lemur lettuce lifeboat lifebuoy lime limousine
lioness lobby locket locomotive log lute macaw magician magpie maiden mailman man mandolin mannequin marble marmot
mattress mechanic medal megaphone microphone milkshake minivan mobile moped mosquito mother motorboat mug mule musician
nanny napkin newt nightingale nun nurse nut nutcracker oar oboe office officer okra ottoman oyster ox paddle painter
painting pan pansy papaya pastry pasta patio peacoat pebble peg pelt peony pepper pheasant photographer phone pigsty
pilot pinata pinecone pipe pitcher plane platter playhouse plough pocket pole pond poodle poppy porch portrait post pot
potter prawn present priest propeller puddle puma pump pup quiche quince racoon racket raft rake ram ramp
raspberry rat rattlesnake recorder reindeer rhino rice ring road robe rocking-horse rod roller roof rooster rope rower
rucksack ruler rune saddlebag sail sandal sandcastle santa saucer sausage scale scallop scarab scorpion screw sculpture
seaweed seesaw shaker shed shield shirt shop shrimp shrub sign singer sink siren skate skater ski skier skirt skull
skyscraper slide slipper smoothie snorkel snowball snowboard snowflake soap soldier soup spade spaniel sparkler spear
sphinx sponge spotlight sprout squash stag stapler steak steamboat stone stove strawman string stroller student sundial
sunglasses sunhat surfer sushi swallow swing syringe tadpole tambourine tank tapir target tart teacher teacup telephone
termite tiara tie tightrope tinsel tire toad toast toddler tomb tool toolbox toothbrush torch totem toucan towel toy
tray treehouse trellis tripod trolley trombone tuba tulip tuna turban tutu tuxedo twig typist ukulele vacuum valley van
vampire vegetable veil vest vet villa vine violet viper waiter waitress walkie-talkie wallet wand warrior wasp
watchtower wheelbarrow wheelchair whip whisk whistle wig willow windsock wine wing wolfhound woman wreath wrench
wrestler xylophone yeti yoga-mat yoyo zombie zucchini
""".split()
NOUNS = [noun for noun in _EVERY if not any(noun in nouns for nouns in KINDS.values())]

COLORS = """
teal brown black grey gold silver turquoise violet magenta beige navy crimson lavender mint olive maroon cyan indigo
salmon peach ivory scarlet lilac bronze copper amber coral khaki mauve emerald ruby azure charcoal cream fuchsia
burgundy plum rust mustard tan taupe lemon apricot rose wine sand chocolate caramel champagne cerulean cobalt sapphire
jade pistachio avocado aubergine graphite pearl snow-white blood-red sky-blue neon ochre sienna umber lime sepia
vermilion chestnut ash blond ginger ebony off-white terracotta raspberry tangerine denim petrol honey cinnamon eggshell
""".split()

ADJECTIVES = """
tiny big old young fluffy shiny sleepy happy sad angry wooden golden striped spotted rusty furry friendly scary cute
enormous little fat thin round wet dusty broken magical glowing transparent fancy plain lonely brave wild lazy curious
hungry smiling giant miniature ancient modern elegant grumpy clumsy silly sparkling
gigantic tall short skinny chubby soft hard sharp smooth rough shaggy hairy bald spiky pointy curly wavy crooked flat
hollow heavy empty full open closed folded torn burnt frozen melting dripping muddy sandy mossy snowy sunny floating
flying upside-down sleeping dancing laughing crying angry-looking elderly baby royal robotic mechanical inflatable plush
knitted crocheted porcelain marble stone brick metal iron steel plastic paper cardboard leather velvet silk cotton
woollen patterned checked polka-dot plaid rainbow-coloured colourful pale faded matte glossy neon luminous haunted
enchanted cursed heroic noble proud shy timid cheerful worried surprised bored tired thirsty cold hot warm cosy tidy
messy dirty clean cracked weathered antique vintage retro futuristic cyberpunk minimalist ornate baroque gothic tropical
arctic tame domestic stray lost famous mysterious secret traditional japanese french victorian roman egyptian viking
medieval
""".split()

DOING = """
eating chasing holding watching painting carrying riding juggling hugging pushing pulling guarding sniffing cooking
feeding painting kissing following hiding reading washing building stealing kicking throwing catching admiring
lifting dragging hunting petting tickling waving greeting lighting polishing sweeping kneading tasting drinking sipping
smelling tossing balancing climbing repairing fixing sewing knitting wrapping opening closing filming photographing
tying wearing teaching befriending protecting saving rescuing
""".split()

ALONE = """
sleeping dancing running jumping swimming flying sitting smiling singing waving reading waiting skiing surfing walking
crying laughing floating climbing resting meditating sneezing yawning
sulking hopping skipping marching snoring dozing stretching kneeling praying crouching crawling falling diving rowing
sailing skating cycling driving cooking baking fishing gardening camping studying thinking dreaming wondering shivering
sweating blushing winking whispering shouting howling barking purring roaring hiding playing gaming performing drumming
conducting
""".split()

BETWEEN = "next to|beside|under|behind|in front of|near|on top of|with|and|inside|on|beneath|over".split("|")

PLACES = """
desert jungle meadow kitchen garden library museum castle cave swamp harbour village farm classroom spaceship bathroom
bedroom street park river lake volcano canyon playground stadium market station bakery temple tunnel rooftop field
glacier island lagoon valley courtyard workshop theatre zoo circus supermarket subway airport vineyard
attic backyard balcony ballroom bar barn basement bay bazaar bookshop bridge cabin cafe campsite cathedral cellar
cemetery chapel cinema clearing cliff cloud coast corridor cottage crater creek dock dungeon factory fairground fjord
fountain gallery garage graveyard greenhouse gym hallway hall hangar heath hill hospital hotel hut igloo inn jetty
kindergarten laboratory laundromat lawn lighthouse living-room lounge marsh mill mine monastery moor moon mosque
mountaintop office orchard palace parlour pasture patio peak pier planet plaza pond pool prairie prison pub quarry
racetrack reef restaurant ruin savannah school shed shipyard shop shore skatepark spa square stable steppe studio
swimming-pool tavern tent terrace tower town trail treehouse tundra university warehouse waterfall well windmill winery
woodland yard
""".split()

PARTS = """
sky grass ground floor wall ceiling background foreground sea water sand road path roof door window fence sun moon clouds mountains hills trees
leaves flowers snow rocks horizon sunset light shadow reflection eyes eye nose mouth ears tail wings fur feathers hair face beard head neck
paws feet legs arms hands hat shirt dress trousers shoes coat collar buttons wheels wheel headlights engine chimney sign label text logo frame
border handle lid rim stem petals branches trunk curtains carpet furniture people crowd
""".split()
"""What a picture or a thing has without being listed as one of its things."""

MOODS = """
brighter darker foggy rainy stormy cloudy sunny misty blurry sharper warmer colder spooky dreamy colourful cheerful
gloomy windy vintage realistic cartoonish minimalistic dramatic softer moody cosy hazy autumnal summery festive
brightened romantic magical mysterious peaceful serene calm lively vibrant muted nostalgic retro futuristic scarier
creepier friendlier happier sadder funnier cuter darker-looking icy frosty wintry tropical rainier sunnier cloudier
smoky dusty golden christmassy spring-like elegant luxurious playful childlike surreal cinematic epic gritty grainy
washed-out pastel neon overcast dreamlike melancholic crisp clean cluttered busier simpler
""".split()

STYLES = """
a watercolour|an oil painting|a pencil sketch|a comic|a cartoon|a mosaic|pixel art|a woodcut|a children's drawing|
black and white|a photo|a poster|a stained glass window|a charcoal drawing|an etching|a pastel drawing|
a linocut|a fresco|a gouache painting|an acrylic painting|an ink drawing|a crayon drawing|a chalk drawing|a collage|a paper cutout|
a manga|an anime|a graffiti|a tattoo|a blueprint|a coloring page|a cross-stitch|an embroidery|a tapestry|a medieval manuscript|
a postage stamp|a vintage postcard|a movie poster|a book cover|a comic strip|a low poly render|a clay model|an origami|
a renaissance painting|an impressionist painting|a cubist painting|a van gogh|a japanese woodblock print|pop art|line art|art deco|
art nouveau|a polaroid|an old photograph|a black and white photo|a silhouette|a doodle|a caricature|a video game|lego|felt|stained glass
""".replace("\n", "").split("|")

ACTIONS = """
smile|look sleepy|look angry|dance|fly|jump|wave|older|fluffy|shiny|sit down|sleep|look up|
glow|laugh|wear a hat|turn around|striped|transparent|round|
cry|frown|wink|blink|yawn|stand up|lie down|kneel|run|walk|swim|sing|play the drums|read a book|look left|look right|look down|
look at the camera|look happier|look sad|look surprised|look scared|look tired|look friendlier|face the camera|face left|turn its head|
younger|thinner|fatter|fluffier|shinier|furry|spotted|wooden|golden|metallic|muddy|wet|dirty|clean|broken|cracked|burnt|
open its mouth|close its eyes|raise a hand|hold a balloon|hold a flag|carry a basket|wear a scarf|wear glasses|wear a crown|
wear sunglasses|wear boots|ride a bike|float|melt|sparkle|shimmer|cast a shadow|look like a robot|look real|look more natural|cuter|
less scary|a bit taller|a little rounder|more detailed|sharper|softer|blurrier|brighter|darker
""".replace("\n", "").split("|")

SYLLABLES = """
ba be bi blo bra cha che cra da de dro fa fi flo fu ga gla go gri ha hi jo ka kle ko kri la le lo lu ma mi mo mu na ne
ni no pa pi plo pri qua ra re ri ro sa she sko sla ta ti tro tu va ve vi vo wa wi xa ya yo za zi zo zu
""".split()

ENDINGS = "n t k l r s m x b d g p sh ng rt nk ll".split() + [""] * 8

OFF_TOPIC = """
what is the capital of peru|what's the capital of {noun}|who wrote hamlet|how do i cook a {noun}|tell me a joke|
write a python script|write me a poem about a {noun}|what time is it|what's the weather like|how old are you|
what's 17 times 23|translate {noun} to french|who won the world cup|book me a flight|how tall is mount everest|
what does a {noun} eat|why is the sky blue|can you order a {noun}|play some music|what is the meaning of life|
send an email to my boss|do you like {noun}s|what do you think of politics|how do i fix my {noun}|sing me a song|
solve x + 3 = 7|what is a {noun}|who is the president|recommend a movie|set an alarm for 7|do my homework|
where can i buy a {noun}|is a {noun} bigger than a {noun}|what year is it|explain gravity to me|how far is the moon
""".replace("\n", "").split("|")

CANNOT = """
print it|make a video of it|animate it|send it to my mother|upload it|add music to it|make it 3d|put it on a mug|
share it with my friends|make a gif of it|save it as a pdf|make the background transparent|email it to my boss|
make a collage of all of them|use my webcam|scan my drawing|order a poster of it|put it on instagram|let it talk
""".replace("\n", "").split("|")
"""What the program can't do."""
