using System.Collections.Frozen;

namespace Harima.Search.Text;

/// <param name="English">Its names, the first being IUPAC's, in lower case but for the first letter.</param>
/// <param name="Japanese">Its names in Japanese, the usual one first.</param>
public sealed record Element(int Number, string Symbol, IReadOnlyList<string> English, IReadOnlyList<string> Japanese);

/// <summary>The chemical elements, by symbol and by name in both languages.</summary>
public static class Elements
{
    public static IReadOnlyList<Element> All { get; } =
    [
        new(1, "H", ["Hydrogen"], ["水素"]),
        new(2, "He", ["Helium"], ["ヘリウム"]),
        new(3, "Li", ["Lithium"], ["リチウム"]),
        new(4, "Be", ["Beryllium"], ["ベリリウム"]),
        new(5, "B", ["Boron"], ["ホウ素", "硼素"]),
        new(6, "C", ["Carbon"], ["炭素"]),
        new(7, "N", ["Nitrogen"], ["窒素"]),
        new(8, "O", ["Oxygen"], ["酸素"]),
        new(9, "F", ["Fluorine"], ["フッ素", "弗素"]),
        new(10, "Ne", ["Neon"], ["ネオン"]),
        new(11, "Na", ["Sodium"], ["ナトリウム"]),
        new(12, "Mg", ["Magnesium"], ["マグネシウム"]),
        new(13, "Al", ["Aluminium", "Aluminum"], ["アルミニウム"]),
        new(14, "Si", ["Silicon"], ["ケイ素", "珪素", "シリコン"]),
        new(15, "P", ["Phosphorus"], ["リン", "燐"]),
        new(16, "S", ["Sulfur", "Sulphur"], ["硫黄"]),
        new(17, "Cl", ["Chlorine"], ["塩素"]),
        new(18, "Ar", ["Argon"], ["アルゴン"]),
        new(19, "K", ["Potassium"], ["カリウム"]),
        new(20, "Ca", ["Calcium"], ["カルシウム"]),
        new(21, "Sc", ["Scandium"], ["スカンジウム"]),
        new(22, "Ti", ["Titanium"], ["チタン", "チタニウム"]),
        new(23, "V", ["Vanadium"], ["バナジウム"]),
        new(24, "Cr", ["Chromium"], ["クロム"]),
        new(25, "Mn", ["Manganese"], ["マンガン"]),
        new(26, "Fe", ["Iron"], ["鉄"]),
        new(27, "Co", ["Cobalt"], ["コバルト"]),
        new(28, "Ni", ["Nickel"], ["ニッケル"]),
        new(29, "Cu", ["Copper"], ["銅"]),
        new(30, "Zn", ["Zinc"], ["亜鉛"]),
        new(31, "Ga", ["Gallium"], ["ガリウム"]),
        new(32, "Ge", ["Germanium"], ["ゲルマニウム"]),
        new(33, "As", ["Arsenic"], ["ヒ素", "砒素"]),
        new(34, "Se", ["Selenium"], ["セレン"]),
        new(35, "Br", ["Bromine"], ["臭素"]),
        new(36, "Kr", ["Krypton"], ["クリプトン"]),
        new(37, "Rb", ["Rubidium"], ["ルビジウム"]),
        new(38, "Sr", ["Strontium"], ["ストロンチウム"]),
        new(39, "Y", ["Yttrium"], ["イットリウム"]),
        new(40, "Zr", ["Zirconium"], ["ジルコニウム"]),
        new(41, "Nb", ["Niobium"], ["ニオブ"]),
        new(42, "Mo", ["Molybdenum"], ["モリブデン"]),
        new(43, "Tc", ["Technetium"], ["テクネチウム"]),
        new(44, "Ru", ["Ruthenium"], ["ルテニウム"]),
        new(45, "Rh", ["Rhodium"], ["ロジウム"]),
        new(46, "Pd", ["Palladium"], ["パラジウム"]),
        new(47, "Ag", ["Silver"], ["銀"]),
        new(48, "Cd", ["Cadmium"], ["カドミウム"]),
        new(49, "In", ["Indium"], ["インジウム"]),
        new(50, "Sn", ["Tin"], ["スズ", "錫"]),
        new(51, "Sb", ["Antimony"], ["アンチモン"]),
        new(52, "Te", ["Tellurium"], ["テルル"]),
        new(53, "I", ["Iodine"], ["ヨウ素", "沃素"]),
        new(54, "Xe", ["Xenon"], ["キセノン"]),
        new(55, "Cs", ["Caesium", "Cesium"], ["セシウム"]),
        new(56, "Ba", ["Barium"], ["バリウム"]),
        new(57, "La", ["Lanthanum"], ["ランタン"]),
        new(58, "Ce", ["Cerium"], ["セリウム"]),
        new(59, "Pr", ["Praseodymium"], ["プラセオジム"]),
        new(60, "Nd", ["Neodymium"], ["ネオジム"]),
        new(61, "Pm", ["Promethium"], ["プロメチウム"]),
        new(62, "Sm", ["Samarium"], ["サマリウム"]),
        new(63, "Eu", ["Europium"], ["ユウロピウム"]),
        new(64, "Gd", ["Gadolinium"], ["ガドリニウム"]),
        new(65, "Tb", ["Terbium"], ["テルビウム"]),
        new(66, "Dy", ["Dysprosium"], ["ジスプロシウム"]),
        new(67, "Ho", ["Holmium"], ["ホルミウム"]),
        new(68, "Er", ["Erbium"], ["エルビウム"]),
        new(69, "Tm", ["Thulium"], ["ツリウム"]),
        new(70, "Yb", ["Ytterbium"], ["イッテルビウム"]),
        new(71, "Lu", ["Lutetium"], ["ルテチウム"]),
        new(72, "Hf", ["Hafnium"], ["ハフニウム"]),
        new(73, "Ta", ["Tantalum"], ["タンタル"]),
        new(74, "W", ["Tungsten"], ["タングステン"]),
        new(75, "Re", ["Rhenium"], ["レニウム"]),
        new(76, "Os", ["Osmium"], ["オスミウム"]),
        new(77, "Ir", ["Iridium"], ["イリジウム"]),
        new(78, "Pt", ["Platinum"], ["白金", "プラチナ"]),
        new(79, "Au", ["Gold"], ["金"]),
        new(80, "Hg", ["Mercury"], ["水銀"]),
        new(81, "Tl", ["Thallium"], ["タリウム"]),
        new(82, "Pb", ["Lead"], ["鉛"]),
        new(83, "Bi", ["Bismuth"], ["ビスマス"]),
        new(84, "Po", ["Polonium"], ["ポロニウム"]),
        new(85, "At", ["Astatine"], ["アスタチン"]),
        new(86, "Rn", ["Radon"], ["ラドン"]),
        new(87, "Fr", ["Francium"], ["フランシウム"]),
        new(88, "Ra", ["Radium"], ["ラジウム"]),
        new(89, "Ac", ["Actinium"], ["アクチニウム"]),
        new(90, "Th", ["Thorium"], ["トリウム"]),
        new(91, "Pa", ["Protactinium"], ["プロトアクチニウム"]),
        new(92, "U", ["Uranium"], ["ウラン"]),
        new(93, "Np", ["Neptunium"], ["ネプツニウム"]),
        new(94, "Pu", ["Plutonium"], ["プルトニウム"]),
        new(95, "Am", ["Americium"], ["アメリシウム"]),
        new(96, "Cm", ["Curium"], ["キュリウム"]),
        new(97, "Bk", ["Berkelium"], ["バークリウム"]),
        new(98, "Cf", ["Californium"], ["カリホルニウム"]),
        new(99, "Es", ["Einsteinium"], ["アインスタイニウム"]),
        new(100, "Fm", ["Fermium"], ["フェルミウム"]),
        new(101, "Md", ["Mendelevium"], ["メンデレビウム"]),
        new(102, "No", ["Nobelium"], ["ノーベリウム"]),
        new(103, "Lr", ["Lawrencium"], ["ローレンシウム"]),
        new(104, "Rf", ["Rutherfordium"], ["ラザホージウム"]),
        new(105, "Db", ["Dubnium"], ["ドブニウム"]),
        new(106, "Sg", ["Seaborgium"], ["シーボーギウム"]),
        new(107, "Bh", ["Bohrium"], ["ボーリウム"]),
        new(108, "Hs", ["Hassium"], ["ハッシウム"]),
        new(109, "Mt", ["Meitnerium"], ["マイトネリウム"]),
        new(110, "Ds", ["Darmstadtium"], ["ダームスタチウム"]),
        new(111, "Rg", ["Roentgenium"], ["レントゲニウム"]),
        new(112, "Cn", ["Copernicium"], ["コペルニシウム"]),
        new(113, "Nh", ["Nihonium"], ["ニホニウム"]),
        new(114, "Fl", ["Flerovium"], ["フレロビウム"]),
        new(115, "Mc", ["Moscovium"], ["モスコビウム"]),
        new(116, "Lv", ["Livermorium"], ["リバモリウム"]),
        new(117, "Ts", ["Tennessine"], ["テネシン"]),
        new(118, "Og", ["Oganesson"], ["オガネソン"]),
    ];

    static readonly FrozenDictionary<string, Element> BySymbol = All.ToFrozenDictionary(
        element => element.Symbol,
        StringComparer.Ordinal
    );

    static readonly FrozenDictionary<string, Element> ByName = All.SelectMany(element =>
            element.English.Concat(element.Japanese).Select(name => (Name: TextFolding.Fold(name), element))
        )
        .ToFrozenDictionary(pair => pair.Name, pair => pair.element, StringComparer.Ordinal);

    /// <summary>By symbol in its own spelling: "Co" is cobalt, "CO" is not.</summary>
    public static Element? FindBySymbol(string symbol) => BySymbol.GetValueOrDefault(symbol);

    /// <summary>By name in either language.</summary>
    public static Element? FindByName(string name) => ByName.GetValueOrDefault(TextFolding.Fold(name));

    /// <summary>By symbol, however it is spelt, or by name: for a field that can hold nothing but elements.</summary>
    public static Element? Find(string text)
    {
        var trimmed = text.Trim().Normalize(System.Text.NormalizationForm.FormKC);
        if (trimmed.Length is 1 or 2 && char.IsAsciiLetter(trimmed[0]))
            return FindBySymbol(char.ToUpperInvariant(trimmed[0]) + trimmed[1..].ToLowerInvariant());
        return FindByName(trimmed);
    }
}
