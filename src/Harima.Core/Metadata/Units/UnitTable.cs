using System.Collections.Frozen;

namespace Harima.Metadata.Units;

/// <summary>
/// The names units go by. Values are those of the SI brochure (9th edition, with the constants fixed in 2019), NIST SP 811 for the
/// customary ones, CODATA 2022 for the dalton.
/// </summary>
static class UnitTable
{
    static Dimension Number => default;
    static readonly Dimension Metre = new(Length: 1);
    static readonly Dimension Kilogram = new(Mass: 1);
    static readonly Dimension Second = new(Time: 1);
    static readonly Dimension Ampere = new(Current: 1);
    static readonly Dimension Kelvin = new(Temperature: 1);
    static readonly Dimension Mole = new(Amount: 1);
    static readonly Dimension Candela = new(Light: 1);
    static readonly Dimension Radian = new(Angle: 1);
    static readonly Dimension Hertz = new(Time: -1);
    static readonly Dimension Newton = new(1, 1, -2);
    static readonly Dimension Pascal = new(-1, 1, -2);
    static readonly Dimension Joule = new(2, 1, -2);
    static readonly Dimension Watt = new(2, 1, -3);
    static readonly Dimension Coulomb = new(Time: 1, Current: 1);
    static readonly Dimension Volt = new(2, 1, -3, -1);
    static readonly Dimension Farad = new(-2, -1, 4, 2);
    static readonly Dimension Ohm = new(2, 1, -3, -2);
    static readonly Dimension Siemens = new(-2, -1, 3, 2);
    static readonly Dimension Weber = new(2, 1, -2, -1);
    static readonly Dimension Tesla = new(0, 1, -2, -1);
    static readonly Dimension Henry = new(2, 1, -2, -2);
    static readonly Dimension PerKilogram = new(2, 0, -2);
    static readonly Dimension Litre = new(Length: 3);
    static readonly Dimension Area = new(Length: 2);
    static readonly Dimension Molar = new(Length: -3, Amount: 1);

    const double Degree = Math.PI / 180;

    /// <param name="Symbols">Exact in case; take prefix symbols where <paramref name="Prefixed"/>.</param>
    /// <param name="Names">Any case; take prefix names where <paramref name="Prefixed"/>. English plural -s is understood.</param>
    sealed record Entry(
        Dimension Dimension,
        double Factor,
        int PowerOfTen,
        bool Prefixed,
        string[] Symbols,
        string[] Names,
        double Offset = 0
    );

    static readonly Entry[] Entries =
    [
        new(Metre, 1, 0, true, ["m"], ["meter", "metre", "メートル", "メーター"]),
        // The kilogram is coherent, so the gram is its thousandth.
        new(Kilogram, 1, -3, true, ["g"], ["gram", "gramme", "グラム"]),
        new(Second, 1, 0, true, ["s"], ["sec", "second", "秒"]),
        new(Ampere, 1, 0, true, ["A"], ["amp", "ampere", "アンペア"]),
        new(Kelvin, 1, 0, true, ["K"], ["kelvin", "ケルビン", "degk", "deg_k"]),
        new(Mole, 1, 0, true, ["mol"], ["mole", "モル"]),
        new(Candela, 1, 0, true, ["cd"], ["candela", "カンデラ"]),
        new(Radian, 1, 0, true, ["rad"], ["radian", "ラジアン"]),
        new(new(Angle: 2), 1, 0, true, ["sr"], ["steradian", "ステラジアン"]),
        new(Hertz, 1, 0, true, ["Hz"], ["hertz", "ヘルツ"]),
        new(Newton, 1, 0, true, ["N"], ["newton", "ニュートン"]),
        new(Pascal, 1, 0, true, ["Pa"], ["pascal", "パスカル"]),
        new(Joule, 1, 0, true, ["J"], ["joule", "ジュール"]),
        new(Watt, 1, 0, true, ["W"], ["watt", "ワット"]),
        new(Coulomb, 1, 0, true, ["C"], ["coulomb", "クーロン"]),
        new(Volt, 1, 0, true, ["V"], ["volt", "ボルト"]),
        new(Farad, 1, 0, true, ["F"], ["farad", "ファラド"]),
        new(Ohm, 1, 0, true, ["Ω", "Ohm"], ["ohm", "オーム"]),
        new(Siemens, 1, 0, true, ["S"], ["siemens", "ジーメンス"]),
        new(Weber, 1, 0, true, ["Wb"], ["weber", "ウェーバ"]),
        new(Tesla, 1, 0, true, ["T"], ["tesla", "テスラ"]),
        new(Henry, 1, 0, true, ["H"], ["henry", "ヘンリー"]),
        new(Hertz, 1, 0, true, ["Bq"], ["becquerel", "ベクレル"]),
        new(PerKilogram, 1, 0, true, ["Gy"], ["gray", "グレイ"]),
        new(PerKilogram, 1, 0, true, ["Sv"], ["sievert", "シーベルト"]),
        new(
            Joule,
            1.602176634,
            -19,
            true,
            ["eV"],
            ["electronvolt", "electron_volt", "エレクトロンボルト", "電子ボルト"]
        ),
        new(
            Metre,
            1,
            -10,
            false,
            ["Å", "Ao"],
            ["angstrom", "ångström", "ångstrom", "angstroem", "ang", "オングストローム"]
        ),
        new(Metre, 1, -6, false, ["μ"], ["micron", "ミクロン"]),
        new(Metre, 2.54, -2, false, ["in", "[in_i]"], ["inch", "inches", "インチ"]),
        new(Metre, 3.048, -1, false, ["ft", "[ft_i]"], ["foot", "feet", "フィート"]),
        new(Kilogram, 1, 3, true, ["t"], ["tonne", "トン"]),
        new(Kilogram, 1.66053906892, -27, true, ["Da", "u"], ["dalton", "amu", "ダルトン"]),
        new(Kilogram, 4.5359237, -1, false, ["lb", "[lb_av]"], ["pound"]),
        new(Second, 60, 0, false, ["min"], ["minute", "分", "分間"]),
        new(Second, 3600, 0, false, ["h", "hr"], ["hour", "時間"]),
        new(Second, 86400, 0, false, ["d"], ["day", "日", "日間"]),
        new(Second, 604800, 0, false, ["wk"], ["week", "週", "週間"]),
        // UCUM's year, the Julian one.
        new(Second, 31557600, 0, false, ["a", "yr"], ["year", "年", "年間"]),
        new(
            Kelvin,
            1,
            0,
            false,
            ["°C", "Cel", "℃"],
            ["degc", "deg_c", "celsius", "degree_celsius", "degrees_celsius", "摂氏", "摂氏度"],
            273.15
        ),
        new(Kelvin, 5.0 / 9, 0, false, ["°F", "[degF]"], ["degf", "deg_f", "fahrenheit", "華氏"], 459.67 * 5 / 9),
        new(Radian, Degree, 0, true, [], ["deg"]),
        new(Radian, Degree, 0, false, ["°"], ["degree", "arcdeg", "度"]),
        new(Radian, Degree / 60, 0, false, ["'"], ["arcmin", "arcminute"]),
        new(Radian, Degree / 3600, 0, true, ["as"], []),
        new(Radian, Degree / 3600, 0, true, ["\"", "''"], ["arcsec", "arcsecond"]),
        new(Radian, 2 * Math.PI, 0, false, [], ["rev", "revolution", "turn", "回転"]),
        new(new(Time: -1, Angle: 1), 2 * Math.PI / 60, 0, false, [], ["rpm"]),
        new(Pascal, 1, 5, true, ["bar"], ["バール"]),
        new(Pascal, 101325, 0, false, ["atm"], ["atmosphere", "気圧"]),
        new(Pascal, 101325.0 / 760, 0, true, ["Torr"], ["トル"]),
        new(Pascal, 101325.0 / 760, 0, false, [], ["torr"]),
        new(Pascal, 133.322387415, 0, false, ["mmHg"], []),
        new(Pascal, 6894.757293168, 0, false, ["psi", "[psi]"], []),
        new(Joule, 4.184, 0, true, ["cal"], ["calorie", "カロリー"]),
        new(Joule, 1, -7, false, ["erg"], []),
        new(Joule, 3600, 0, true, ["Wh"], []),
        new(Newton, 1, -5, false, ["dyn"], ["dyne"]),
        new(Tesla, 1, -4, true, ["G"], ["gauss", "ガウス"]),
        new(new(Length: -1, Current: 1), 250 / Math.PI, 0, true, ["Oe"], ["oersted", "エルステッド"]),
        new(Hertz, 3.7, 10, true, ["Ci"], ["curie"]),
        new(Litre, 1, -3, true, ["L", "l"], ["liter", "litre", "リットル"]),
        new(Litre, 1, -6, false, ["cc"], []),
        new(Area, 1, -28, true, ["b"], ["barn", "バーン"]),
        new(Molar, 1, 3, true, ["M"], ["molar"]),
        new(Coulomb, 1.602176634, -19, false, ["[e]"], []),
        new(Coulomb, 3600, 0, true, ["Ah"], []),
        new(
            Number,
            1,
            -2,
            false,
            ["%", "wt%", "at%", "mol%", "vol%", "％"],
            ["percent", "パーセント", "質量%", "重量%"]
        ),
        new(Number, 1, -3, false, ["‰"], ["permille", "パーミル"]),
        new(Number, 1, -6, false, [], ["ppm", "[ppm]"]),
        new(Number, 1, -9, false, [], ["ppb", "[ppb]"]),
        new(Hertz, 1, 0, true, ["cps"], []),
        new(Number, 1, 0, true, ["ct", "cts", "ph"], ["count", "photon", "カウント", "フォトン", "光子"]),
        new(
            Number,
            1,
            0,
            false,
            [],
            [
                "dimensionless",
                "pixel",
                "px",
                "frame",
                "image",
                "pulse",
                "shot",
                "bunch",
                "bunches",
                "point",
                "step",
                "event",
                "個",
                "回",
                "枚",
                "点",
                "本",
                "無次元",
                "画素",
                "ピクセル",
            ]
        ),
    ];

    static readonly (string Symbol, string[] Names, int Power)[] Prefixes =
    [
        ("Q", ["quetta"], 30),
        ("R", ["ronna"], 27),
        ("Y", ["yotta", "ヨタ"], 24),
        ("Z", ["zetta", "ゼタ"], 21),
        ("E", ["exa", "エクサ"], 18),
        ("P", ["peta", "ペタ"], 15),
        ("T", ["tera", "テラ"], 12),
        ("G", ["giga", "ギガ"], 9),
        ("M", ["mega", "メガ"], 6),
        ("k", ["kilo", "キロ"], 3),
        ("h", ["hecto", "ヘクト"], 2),
        ("da", ["deca", "deka", "デカ"], 1),
        ("d", ["deci", "デシ"], -1),
        ("c", ["centi", "センチ"], -2),
        ("m", ["milli", "ミリ"], -3),
        ("μ", ["micro", "マイクロ"], -6),
        ("u", [], -6),
        ("n", ["nano", "ナノ"], -9),
        ("p", ["pico", "ピコ"], -12),
        ("f", ["femto", "フェムト"], -15),
        ("a", ["atto", "アト"], -18),
        ("z", ["zepto", "ゼプト"], -21),
        ("y", ["yocto", "ヨクト"], -24),
        ("r", ["ronto"], -27),
        ("q", ["quecto"], -30),
    ];

    // Written so by many instruments, and readable in one way only.
    static readonly (string Written, string Meant)[] Slips =
    [
        ("KeV", "keV"),
        ("Kev", "keV"),
        ("kev", "keV"),
        ("KEV", "keV"),
        ("ev", "eV"),
        ("EV", "eV"),
        ("gev", "GeV"),
        ("Gev", "GeV"),
        ("KHz", "kHz"),
        ("hz", "Hz"),
        ("Kg", "kg"),
        ("msec", "ms"),
        ("usec", "us"),
        ("μsec", "us"),
        ("nsec", "ns"),
        ("hrs", "h"),
        ("mins", "min"),
    ];

    static readonly FrozenDictionary<string, UnitScale> Symbols = SymbolsOf();
    static readonly FrozenDictionary<string, UnitScale> Names = NamesOf();

    public static bool TryFind(string text, out UnitScale scale) =>
        Symbols.TryGetValue(text, out scale)
        || Names.TryGetValue(text, out scale)
        || (text.Contains(' ', StringComparison.Ordinal) && Names.TryGetValue(text.Replace(' ', '_'), out scale));

    static FrozenDictionary<string, UnitScale> SymbolsOf()
    {
        var table = new Dictionary<string, UnitScale>(StringComparer.Ordinal);
        // What stands for a unit by itself wins over what a prefix would make of it: min is a minute, not a milli-inch.
        foreach (var entry in Entries)
        foreach (var symbol in entry.Symbols)
            table.TryAdd(symbol, ScaleOf(entry));
        foreach (var entry in Entries.Where(entry => entry.Prefixed))
        foreach (var symbol in entry.Symbols)
        foreach (var (prefix, _, power) in Prefixes)
            table.TryAdd(prefix + symbol, ScaleOf(entry, power));
        foreach (var (written, meant) in Slips)
            if (table.TryGetValue(meant, out var scale))
                table.TryAdd(written, scale);
        return table.ToFrozenDictionary(StringComparer.Ordinal);
    }

    static FrozenDictionary<string, UnitScale> NamesOf()
    {
        var table = new Dictionary<string, UnitScale>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in Entries)
        foreach (var name in entry.Names)
        foreach (var form in Forms(name))
            table.TryAdd(form, ScaleOf(entry));
        foreach (var entry in Entries.Where(entry => entry.Prefixed))
        foreach (var name in entry.Names)
        foreach (var (symbol, prefixes, power) in Prefixes)
        foreach (var form in Forms(name))
        {
            foreach (var prefix in prefixes)
                table.TryAdd(prefix + form, ScaleOf(entry, power));
            // mdeg, mrad, ksec: a prefix symbol before a short name; the table ignores case, so none that has two.
            if (name is "deg" or "arcsec" && symbol is "m" or "μ" or "u" or "n")
                table.TryAdd(symbol + form, ScaleOf(entry, power));
        }
        return table.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    static string[] Forms(string name) =>
        name.Length > 2 && char.IsAsciiLetter(name[^1]) && name[^1] is not 's' ? [name, name + "s"] : [name];

    static UnitScale ScaleOf(Entry entry, int prefix = 0) =>
        new(entry.Dimension, entry.Factor, entry.PowerOfTen + prefix, entry.Offset);
}
