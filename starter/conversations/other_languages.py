"""Requests in languages that the planner does not know, and what is no language: only to be told apart from those that it does."""

from random import Random

from pentimento.starter.conversations.words import one_of

_LANGUAGES = {
    "dutch": (
        (
            "maak de {n} {c}|maak het {c}|verwijder de {n}|haal de {n} weg|voeg een {n} toe|teken een {n}|teken een {c}e {n} op het strand|"
            "vervang de {n} door een {m}|zet het in het bos|maak het nacht|ik wil een {n} zien|een {n} en een {m}|geef de {n} een hoed|"
            "draai het beeld|ga terug naar de {c}e|wat heb je veranderd|kun je de {n} {c} maken|de {n} moet {c} worden"
        ),
        "eekhoorn vos kat hond boot boom appel konijn uil huis egel paard",
        "rood blauw groen geel wit zwart paars",
    ),
    "swedish": (
        (
            "gör {n} {c}|gör den {c}|ta bort {n}|lägg till en {n}|rita en {n}|måla {n} {c}|byt ut {n} mot en {m}|flytta {n} åt vänster|"
            "jag vill ha en {n}|en {n} och en {m}|ångra det|gå tillbaka till den {c}|gör det till natt|spara bilden som {n}|kan du göra {n} {c}"
        ),
        "ekorren räven katten hunden båten trädet äpplet kaninen ugglan huset igelkotten",
        "röd blå grön gul vit svart lila",
    ),
    "danish": (
        (
            "gør {n} {c}|fjern {n}|tilføj en {n}|tegn en {n} i skoven|mal {n} {c}|skift {n} ud med en {m}|fortryd|jeg vil gerne have en {n}|"
            "gør det til nat|en {n} og en {m}|flyt {n} til højre|lav {n} om til en {m}|det skal være {c}"
        ),
        "egernet ræven katten hunden båden træet æblet kaninen uglen huset",
        "rød blå grøn gul hvid sort lilla",
    ),
    "finnish": (
        (
            "tee {n} {c}|poista {n}|lisää {n}|piirrä {n} metsään|maalaa {n} {c}|vaihda {n} ja {m}|kumoa|haluan nähdä {n}|tee siitä yö|"
            "siirrä {n} vasemmalle|mikä muuttui|palaa siihen jossa oli {n}"
        ),
        "orava kettu kissa koira vene puu omena kani pöllö talo siili",
        "punainen sininen vihreä keltainen valkoinen musta",
    ),
    "polish": (
        (
            "zrób {n} na {c}|pomaluj {n} na {c}|usuń {n}|dodaj {n}|narysuj {n} w lesie|zamień {n} na {m}|cofnij|chcę zobaczyć {n}|niech będzie noc|"
            "przesuń {n} w lewo|{n} i {m}|wróć do tego z {n}|co się zmieniło|zrób to {c}"
        ),
        "wiewiórkę lisa kota psa łódkę drzewo jabłko królika sowę dom jeża",
        "czerwono niebiesko zielono żółto biało czarno",
    ),
    "czech": (
        (
            "udělej {n} {c}|odstraň {n}|přidej {n}|nakresli {n} v lese|vyměň {n} za {m}|vrať to zpět|chci vidět {n}|ať je noc|posuň {n} doleva|"
            "obarvi {n} na {c}|{n} a {m}|co se změnilo"
        ),
        "veverku lišku kočku psa loď strom jablko králíka sovu dům ježka",
        "červeně modře zeleně žlutě bíle černě",
    ),
    "hungarian": (
        (
            "legyen a {n} {c}|töröld a {n}|rajzolj egy {n}|adj hozzá egy {n}|cseréld a {n} egy {m}|vond vissza|legyen éjszaka|"
            "szeretnék egy {n}|a {n} legyen {c}|tedd balra a {n}|mi változott|egy {n} és egy {m}"
        ),
        "mókus róka macska kutya hajó fa alma nyúl bagoly ház sün",
        "piros kék zöld sárga fehér fekete",
    ),
    "romanian": (
        (
            "fă {n} {c}|șterge {n}|adaugă {n}|desenează {n} în pădure|înlocuiește {n} cu {m}|anulează asta|vreau {n}|să fie noapte|mută {n} la stânga|"
            "{n} și {m}|colorează {n} în {c}|ce s-a schimbat"
        ),
        "veverița vulpea pisica câinele barca copacul mărul iepurele bufnița casa",
        "roșu albastru verde galben alb negru",
    ),
    "italian": (
        (
            "fai {n} {c}|fai diventare {c} {n}|colora {n} di {c}|togli {n}|rimuovi {n}|aggiungi {n}|disegna {n} nel bosco|sostituisci {n} con {m}|annulla tutto|"
            "vorrei {n}|voglio vedere {n}|metti {n} a sinistra|fai notte|{n} e {m}|torna a quello {c}|puoi fare {n} {c}|cosa è cambiato"
        ),
        "lo scoiattolo-la volpe-il gatto-il cane-la barca-l'albero-la mela-il coniglio-il gufo-la casa-il riccio",
        "rosso blu verde giallo bianco nero viola",
    ),
    "spanish": (
        (
            "haz {n} de color {c}|pinta {n} de {c}|quita {n}|borra {n}|añade {n}|agrega {n} a la izquierda|dibuja {n} en el bosque|cambia {n} por {m}|"
            "deshaz eso|quiero {n}|quiero ver {n}|pon {n} a la derecha|que sea de noche|{n} y {m}|vuelve al {c}|puedes hacer {n} {c}|qué ha cambiado"
        ),
        "la ardilla-el zorro-el gato-el perro-el barco-el árbol-la manzana-el conejo-el búho-la casa-el erizo",
        "rojo azul verde amarillo blanco negro morado",
    ),
    "portuguese": (
        (
            "faz {n} {c}|pinta {n} de {c}|remove {n}|tira {n}|adiciona {n}|desenha {n} na floresta|troca {n} por {m}|desfaz isso|quero {n}|quero ver {n}|"
            "põe {n} à esquerda|que seja noite|{n} e {m}|volta para o {c}|podes fazer {n} {c}|o que mudou"
        ),
        "o esquilo-a raposa-o gato-o cão-o barco-a árvore-a maçã-o coelho-a coruja-a casa-o ouriço",
        "vermelho azul verde amarelo branco preto roxo",
    ),
    "french": (
        (
            "mets {n} en {c}|peins {n} en {c}|enlève {n}|supprime {n}|ajoute {n}|dessine {n} dans la forêt|remplace {n} par {m}|annule ça|je veux {n}|"
            "je voudrais voir {n}|déplace {n} à gauche|fais la nuit|{n} et {m}|reviens au {c}|peux-tu mettre {n} en {c}|qu'est-ce qui a changé"
        ),
        "l'écureuil-le renard-le chat-le chien-le bateau-l'arbre-la pomme-le lapin-le hibou-la maison-le hérisson",
        "rouge bleu vert jaune blanc noir violet",
    ),
    "turkish": (
        (
            "{n} {c} olsun|{n} sil|bir {n} ekle|ormanda bir {n} çiz|{n} yerine {m} koy|geri al|gece olsun|bir {n} istiyorum|{n} sola taşı|ne değişti|"
            "{n} ve {m}|{n} rengini {c} yap"
        ),
        "sincap tilki kedi köpek tekne ağaç elma tavşan baykuş ev kirpi",
        "kırmızı mavi yeşil sarı beyaz siyah",
    ),
    "indonesian": (
        (
            "buat {n} jadi {c}|hapus {n}|tambahkan {n}|gambar {n} di hutan|ganti {n} dengan {m}|batalkan itu|aku mau {n}|jadikan malam|"
            "pindahkan {n} ke kiri|{n} dan {m}|apa yang berubah"
        ),
        "tupai rubah kucing anjing perahu pohon apel kelinci rumah landak",
        "merah biru hijau kuning putih hitam",
    ),
    "russian": (
        (
            "сделай {n} {c}|убери {n}|удали {n}|добавь {n}|нарисуй {n} в лесу|замени {n} на {m}|отмени это|хочу {n}|пусть будет ночь|сдвинь {n} влево|{n} и {m}|"
            "что изменилось|вернись туда где {n}|покрась {n} в {c}"
        ),
        "белку лису кота собаку лодку дерево яблоко кролика сову дом ежа",
        "красный синий зелёный жёлтый белый чёрный",
    ),
    "japanese": (
        "{n}を{c}して|{n}を消して|{n}を追加して|森の中の{n}を描いて|{n}を{m}に変えて|元に戻して|夜にして|{n}を左に動かして|{n}と{m}|何が変わったの|{n}がほしい",
        "リス キツネ ネコ 犬 ボート 木 りんご うさぎ ふくろう 家",
        "赤く 青く 緑に 黄色く 白く 黒く",
    ),
    "korean": (
        "{n}를 {c} 만들어 줘|{n} 지워 줘|{n} 추가해 줘|숲속의 {n}를 그려 줘|{n}를 {m}로 바꿔 줘|취소해 줘|밤으로 해 줘|{n}를 왼쪽으로 옮겨|뭐가 바뀌었어",
        "다람쥐 여우 고양이 강아지 배 나무 사과 토끼 부엉이 집",
        "빨갛게 파랗게 초록색으로 노랗게 하얗게 까맣게",
    ),
}
"""Language → how things are asked for in it, its things and its colors."""
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890")
"""Of a row."""


def request(r: Random) -> str:
    """What is asked for in one of them; now and then keys that were hit at random."""
    if r.random() < 0.07:
        return " ".join("".join(r.choices(r.choice(_KEYS), k=r.randrange(4, 9))) for _ in range(r.choice((1, 2, 2, 3))))
    ways, things, colors = r.choice(tuple(_LANGUAGES.values()))
    thing, other = r.sample(things.split("-" if "-" in things else " "), 2)
    return one_of(r, ways).format(n=thing, m=other, c=r.choice(colors.split()))
