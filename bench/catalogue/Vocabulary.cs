namespace Harima.CatalogueBench;

static class Vocabulary
{
    public static readonly (string Name, string Category)[] Techniques =
    [
        ("XAFS", "spectroscopy"),
        ("powder diffraction", "diffraction"),
        ("SAXS", "scattering"),
        ("XRF", "spectroscopy"),
        ("macromolecular crystallography", "diffraction"),
        ("tomography", "imaging"),
        ("HAXPES", "spectroscopy"),
        ("single-crystal diffraction", "diffraction"),
        ("WAXS", "scattering"),
        ("GISAXS", "scattering"),
        ("XMCD", "spectroscopy"),
        ("serial crystallography", "diffraction"),
        ("ptychography", "imaging"),
        ("pair distribution function", "scattering"),
        ("ARPES", "spectroscopy"),
        ("Compton scattering", "scattering"),
        ("nuclear resonance", "spectroscopy"),
        ("inelastic scattering", "scattering"),
        ("reflectivity", "scattering"),
        ("RIXS", "spectroscopy"),
        ("topography", "imaging"),
        ("high-pressure diffraction", "diffraction"),
        ("infrared microscopy", "imaging"),
        ("XPEEM", "imaging"),
        ("photoelectron diffraction", "spectroscopy"),
    ];

    public static readonly string[] Elements =
        "O Fe Si C Ti Li Ni Co Mn Cu Al N Zn P S Ca Na Mg K Cr V Zr Ag Pt Au Mo W Sn Pd La Ce Y Nb Ga In Sr Ba Bi Pb Ru Rh Ir Nd Gd Dy Tb Eu Sm Er Yb Ge As Se Br Cd Sb Te I Cs Hf Ta Re Os Hg Tl B F Cl Sc".Split(
            ' '
        );

    public static readonly string[] Ports = ["XU", "B1", "B2", "IN", "XL"];
    public static readonly string[] Counts = ["", "", "2", "3", "0.5", "4"];
    public static readonly string[] Edges = ["K", "L3", "L2", "L1", "M5"];
    public static readonly string[] FileTypes = ["h5", "tif", "csv", "cbf", "dat", "edf", "img", "nxs", "txt", "raw"];
    public static readonly string[] Licenses = ["CC BY 4.0", "CC BY-NC-SA 4.0", "CC0", "proprietary"];
    public static readonly string[] Filling =
    [
        "203 bunches",
        "11/29-filling + 1 bunch",
        "4-bunch train * 84",
        "1/7-filling + 5 bunches",
    ];
    public static readonly string[] ScanModes = ["step scan", "quick scan", "continuous", "time resolved", "mapping"];
    public static readonly double[] Exposures = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000];
    public static readonly double[] Pixels = [6.5, 13, 50, 55, 75, 100, 172];
    public static readonly string[] Planes = ["Si(111)", "Si(311)", "Si(220)", "Ge(111)"];
    public static readonly string[] Detectors =
    [
        "PILATUS3 X 2M",
        "ionization chamber",
        "ORCA-Flash4.0",
        "EIGER2 16M",
        "19-element Ge SSD",
        "Lytle",
        "SOPHIAS",
        "CITIUS",
        "imaging plate",
        "PIN photodiode",
    ];
    public static readonly string[] Keywords =
    [
        "battery",
        "catalyst",
        "steel",
        "polymer",
        "thin film",
        "protein",
        "glass",
        "magnet",
        "cement",
        "superconductor",
        "semiconductor",
        "archaeology",
        "food",
        "rubber",
        "fuel cell",
        "concrete",
        "meteorite",
        "ceramics",
        "alloy",
        "pigment",
    ];
    public static readonly string[] Forms =
    [
        "powder",
        "foil",
        "film",
        "pellet",
        "single crystal",
        "solution",
        "fibre",
        "bulk",
    ];
    public static readonly string[] Suppliers =
    [
        "Nilaco",
        "Kojundo Chemical",
        "Wako",
        "Sigma-Aldrich",
        "in house",
        "Toyo Kohan",
        "Alfa Aesar",
    ];
    public static readonly string[] Gases = ["vacuum", "He", "air", "N2", "Ar", "H2 5%", "CO2"];
    public static readonly string[] Organizations =
    [
        "JASRI",
        "RIKEN",
        "University of Hyogo",
        "Kyoto University",
        "The University of Tokyo",
        "Osaka University",
        "NIMS",
        "AIST",
        "Tohoku University",
        "Kyushu University",
        "Nagoya University",
        "Toyota Central R&D Labs",
        "Sumitomo Rubber Industries",
        "Nippon Steel",
    ];
    public static readonly string[] Family =
    [
        "Sato",
        "Suzuki",
        "Takahashi",
        "Tanaka",
        "Ito",
        "Watanabe",
        "Yamamoto",
        "Nakamura",
        "Kobayashi",
        "Kato",
        "Yoshida",
        "Yamada",
        "Sasaki",
        "Matsumoto",
        "Inoue",
        "Kimura",
    ];
    public static readonly string[] Given =
    [
        "Haruto",
        "Yui",
        "Sota",
        "Aoi",
        "Ren",
        "Hina",
        "Kenji",
        "Naoko",
        "Takeshi",
        "Megumi",
        "Hiroshi",
        "Akiko",
    ];
    public static readonly string[] Adjectives =
    [
        "local",
        "electronic",
        "operando",
        "in situ",
        "nanoscale",
        "magnetic",
        "interfacial",
        "anisotropic",
        "time-resolved",
        "surface",
    ];
    public static readonly string[] Subjects =
    [
        "structure",
        "valence",
        "strain",
        "phase transition",
        "degradation",
        "diffusion",
        "oxidation state",
        "texture",
        "crystallization",
        "bonding",
        "porosity",
        "dynamics",
    ];
    public static readonly string[] SubjectsJa =
    [
        "局所構造解析",
        "価数変化",
        "残留応力測定",
        "相転移",
        "劣化機構",
        "拡散過程",
        "酸化状態",
        "結晶化挙動",
        "化学結合状態",
        "細孔構造",
        "電子状態",
        "磁気構造",
    ];
    public static readonly string[] Materials =
    [
        "lithium iron phosphate",
        "titanium dioxide",
        "stainless steel",
        "graphite anode",
        "perovskite",
        "zeolite",
        "silica glass",
        "lysozyme",
        "platinum catalyst",
        "natural rubber",
        "cement paste",
        "bismuth cuprate",
        "gallium nitride",
        "nickel superalloy",
        "cellulose",
        "hydroxyapatite",
        "vanadium oxide",
        "copper foil",
        "tungsten carbide",
        "polyethylene",
    ];
    public static readonly string[] MaterialsJa =
    [
        "リン酸鉄リチウム",
        "二酸化チタン",
        "ステンレス鋼",
        "黒鉛負極",
        "ペロブスカイト",
        "ゼオライト",
        "石英ガラス",
        "リゾチーム",
        "白金触媒",
        "天然ゴム",
        "セメント硬化体",
        "ビスマス系超伝導体",
        "窒化ガリウム",
        "ニッケル超合金",
        "セルロース",
        "水酸アパタイト",
        "酸化バナジウム",
        "銅箔",
        "超硬合金",
        "ポリエチレン",
    ];
    public static readonly string[] ConditionsJa =
    [
        "室温大気中",
        "真空中",
        "ヘリウム雰囲気",
        "高温",
        "液体窒素温度",
        "高圧下",
        "充放電中",
        "加湿条件",
    ];
    public static readonly string[] ActionsJa =
    [
        "透過法により吸収スペクトルを取得した",
        "二次元検出器で回折像を積算した",
        "試料を回転させながら撮像した",
        "蛍光法で繰り返し測定した",
        "入射角を変えて散乱を記録した",
        "時間分割測定を行った",
    ];
    public static readonly string[] NotesJa =
    [
        "ビーム強度がやや不安定",
        "再測定予定",
        "標準試料",
        "試料厚さは概算値",
        "検出器の校正済み",
        "途中で蓄積リングが停止",
        "良好",
    ];
}
