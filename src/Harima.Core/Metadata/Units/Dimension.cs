using System.Text;

namespace Harima.Metadata.Units;

/// <summary>
/// What kind of quantity a unit measures: exponents of the SI base units. An angle is a base of its own here, so that degrees
/// are never compared with percent; counts, pixels and photons are plain numbers.
/// </summary>
public readonly record struct Dimension(
    sbyte Length = 0,
    sbyte Mass = 0,
    sbyte Time = 0,
    sbyte Current = 0,
    sbyte Temperature = 0,
    sbyte Amount = 0,
    sbyte Light = 0,
    sbyte Angle = 0
)
{
    // Derived units whose dimension has one usual name; m^2/s^2 (Gy, Sv) and 1/s (Bq) have several and keep the first or none.
    static readonly (string Symbol, Dimension Dimension)[] Named =
    [
        ("Hz", new(Time: -1)),
        ("N", new(1, 1, -2)),
        ("Pa", new(-1, 1, -2)),
        ("J", new(2, 1, -2)),
        ("W", new(2, 1, -3)),
        ("C", new(Time: 1, Current: 1)),
        ("V", new(2, 1, -3, -1)),
        ("F", new(-2, -1, 4, 2)),
        ("ohm", new(2, 1, -3, -2)),
        ("S", new(-2, -1, 3, 2)),
        ("Wb", new(2, 1, -2, -1)),
        ("T", new(0, 1, -2, -1)),
        ("H", new(2, 1, -2, -2)),
    ];

    public bool IsNumber => this == default;

    internal Dimension Times(Dimension other, int power) =>
        new(
            Sum(Length, other.Length, power),
            Sum(Mass, other.Mass, power),
            Sum(Time, other.Time, power),
            Sum(Current, other.Current, power),
            Sum(Temperature, other.Temperature, power),
            Sum(Amount, other.Amount, power),
            Sum(Light, other.Light, power),
            Sum(Angle, other.Angle, power)
        );

    /// <summary>The coherent SI unit, such as <c>J</c>, <c>1/m</c> or <c>kg/m^3</c>; <c>1</c> for a plain number.</summary>
    public string SiSymbol
    {
        get
        {
            if (IsNumber)
                return "1";
            foreach (var (symbol, dimension) in Named)
                if (dimension == this)
                    return symbol;
            (string Symbol, int Power)[] parts =
            [
                ("kg", Mass),
                ("m", Length),
                ("s", Time),
                ("A", Current),
                ("K", Temperature),
                ("mol", Amount),
                ("cd", Light),
                ("rad", Angle),
            ];
            var text = new StringBuilder();
            foreach (var (symbol, power) in parts)
                if (power > 0)
                    Append(text, text.Length == 0 ? "" : ".", symbol, power);
            if (text.Length == 0)
                text.Append('1');
            foreach (var (symbol, power) in parts)
                if (power < 0)
                    Append(text, "/", symbol, -power);
            return text.ToString();
        }
    }

    public override string ToString() => SiSymbol;

    static void Append(StringBuilder text, string separator, string symbol, int power)
    {
        text.Append(separator).Append(symbol);
        if (power > 1)
            text.Append('^').Append(power);
    }

    static sbyte Sum(sbyte mine, sbyte other, int power) => checked((sbyte)(mine + other * power));
}
