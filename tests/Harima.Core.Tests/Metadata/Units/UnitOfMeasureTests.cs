using Harima.Metadata.Units;

namespace Harima.Core.Tests.Metadata.Units;

/// <summary>Expected values: SI brochure 9th edition, tables 6 to 8; NIST SP 811 (2008), appendix B.8.</summary>
public sealed class UnitOfMeasureTests
{
    [Theory]
    // The SI's own, with every way a prefix is written.
    [InlineData("mm", 1, 1e-3, "m")]
    [InlineData("µm", 1, 1e-6, "m")]
    [InlineData("μm", 1, 1e-6, "m")]
    [InlineData("um", 1, 1e-6, "m")]
    [InlineData("micron", 1, 1e-6, "m")]
    [InlineData("nanometers", 1, 1e-9, "m")]
    [InlineData("kg", 2, 2, "kg")]
    [InlineData("mg", 1, 1e-6, "kg")]
    [InlineData("ms", 50, 0.05, "s")]
    [InlineData("msec", 50, 0.05, "s")]
    [InlineData("sec", 267, 267, "s")]
    [InlineData("mA", 99.5, 0.0995, "A")]
    [InlineData("mol", 1, 1, "mol")]
    [InlineData("kHz", 1, 1000, "Hz")]
    [InlineData("GPa", 1.5, 1.5e9, "Pa")]
    [InlineData("kJ", 1, 1000, "J")]
    [InlineData("mW", 1, 1e-3, "W")]
    [InlineData("mΩ", 1, 1e-3, "ohm")]
    // SI brochure, table 8 and section 2.2: exact since 2019.
    [InlineData("eV", 1, 1.602176634e-19, "J")]
    [InlineData("keV", 11.5, 1.8425031291e-15, "J")]
    [InlineData("GeV", 8, 1.2817413072e-9, "J")]
    [InlineData("Å", 1, 1e-10, "m")]
    [InlineData("angstrom", 1.5406, 1.5406e-10, "m")]
    [InlineData("Angstroms", 1.5406, 1.5406e-10, "m")]
    [InlineData("bar", 1, 1e5, "Pa")]
    [InlineData("mbar", 1, 100, "Pa")]
    [InlineData("L", 1, 1e-3, "m^3")]
    [InlineData("mL", 1, 1e-6, "m^3")]
    [InlineData("t", 1, 1000, "kg")]
    [InlineData("b", 1, 1e-28, "m^2")]
    [InlineData("min", 1, 60, "s")]
    [InlineData("h", 1, 3600, "s")]
    [InlineData("d", 1, 86400, "s")]
    [InlineData("G", 1, 1e-4, "T")]
    // NIST SP 811.
    [InlineData("atm", 1, 101325, "Pa")]
    [InlineData("Torr", 1, 133.32236842105263, "Pa")]
    [InlineData("torr", 760, 101325, "Pa")]
    [InlineData("psi", 1, 6894.757293168, "Pa")]
    [InlineData("inch", 1, 0.0254, "m")]
    [InlineData("°C", 25, 298.15, "K")]
    [InlineData("degC", -190, 83.15, "K")]
    [InlineData("Cel", 0, 273.15, "K")]
    [InlineData("°F", 212, 373.15, "K")]
    [InlineData("K", 77, 77, "K")]
    [InlineData("deg", 180, Math.PI, "rad")]
    [InlineData("°", 90, Math.PI / 2, "rad")]
    [InlineData("mrad", 1, 1e-3, "rad")]
    [InlineData("mdeg", 1000, Math.PI / 180, "rad")]
    [InlineData("arcsec", 3600, Math.PI / 180, "rad")]
    [InlineData("cal", 1, 4.184, "J")]
    [InlineData("Ci", 1, 3.7e10, "Hz")]
    [InlineData("Oe", 1, 79.57747154594767, "A/m")]
    // Plain numbers.
    [InlineData("%", 70, 0.7, "1")]
    [InlineData("wt%", 5, 0.05, "1")]
    [InlineData("ppm", 1, 1e-6, "1")]
    [InlineData("counts", 42, 42, "1")]
    [InlineData("photons/s", 1e12, 1e12, "Hz")]
    [InlineData("cps", 3, 3, "Hz")]
    public void A_value_in_it_has_the_published_SI_value(string text, double value, double si, string symbol)
    {
        Assert.True(UnitOfMeasure.TryParse(text, out var unit));
        Assert.Equal(symbol, unit.SiSymbol);
        Assert.Equal(si, unit.ToSi(value), Math.Abs(si) * 1e-14);
        Assert.Equal(value, unit.FromSi(si), Math.Max(1e-9, Math.Abs(value)) * 1e-12);
    }

    [Theory]
    [InlineData("m/s", 1, "m/s")]
    [InlineData("mm/s", 1e-3, "m/s")]
    [InlineData("m.s-1", 1, "m/s")]
    [InlineData("m s^-1", 1, "m/s")]
    [InlineData("m·s⁻¹", 1, "m/s")]
    [InlineData("m per second", 1, "m/s")]
    [InlineData("kg.m-3", 1, "kg/m^3")]
    [InlineData("g/cm3", 1000, "kg/m^3")]
    [InlineData("g/cm^3", 1000, "kg/m^3")]
    [InlineData("g/cm³", 1000, "kg/m^3")]
    [InlineData("1/Å", 1e10, "1/m")]
    [InlineData("Å^-1", 1e10, "1/m")]
    [InlineData("A^-1", 1e10, "1/m")]
    [InlineData("1/A", 1e10, "1/m")]
    [InlineData("1/angstrom", 1e10, "1/m")]
    [InlineData("nm⁻¹", 1e9, "1/m")]
    [InlineData("1/nm", 1e9, "1/m")]
    [InlineData("V/A", 1, "ohm")]
    [InlineData("mol/L", 1000, "mol/m^3")]
    [InlineData("mM", 1, "mol/m^3")]
    [InlineData("mg/mL", 1, "kg/m^3")]
    [InlineData("mA/cm2", 10, "A/m^2")]
    [InlineData("°C/min", 1.0 / 60, "K/s")]
    [InlineData("N/m^2", 1, "Pa")]
    [InlineData("kg*m**2/s**2", 1, "J")]
    [InlineData("J/(mol.K)", 1, "kg.m^2/s^2/K/mol")]
    [InlineData("photons/s/mm2", 1e6, "1/m^2/s")]
    [InlineData("10^-3 mm", 1e-6, "m")]
    [InlineData("10⁻³ mm", 1e-6, "m")]
    [InlineData("mm²", 1e-6, "m^2")]
    [InlineData("deg/s", Math.PI / 180, "rad/s")]
    public void Products_quotients_and_powers_are_understood(string text, double si, string symbol)
    {
        Assert.True(UnitOfMeasure.TryParse(text, out var unit));
        Assert.Equal(symbol, unit.SiSymbol);
        Assert.Equal(si, unit.ToSi(1), si * 1e-14);
    }

    [Theory]
    [InlineData("ｋｅＶ", "keV")]
    [InlineData("㎜", "mm")]
    [InlineData("ミリメートル", "mm")]
    [InlineData("ﾐﾘﾒｰﾄﾙ", "mm")]
    [InlineData("℃", "degC")]
    [InlineData("％", "%")]
    [InlineData("\u212B", "angstrom")]
    [InlineData("オングストローム", "angstrom")]
    [InlineData("秒", "s")]
    [InlineData("ミリ秒", "ms")]
    [InlineData("分", "min")]
    [InlineData("時間", "h")]
    [InlineData("度", "deg")]
    [InlineData("気圧", "atm")]
    [InlineData("キロ電子ボルト", "keV")]
    [InlineData("マイクロメートル", "um")]
    [InlineData("フォトン/秒", "photons/s")]
    [InlineData("KeV", "keV")]
    public void Other_spellings_mean_the_same(string text, string plain)
    {
        Assert.True(UnitOfMeasure.TryParse(text, out var unit));
        Assert.True(UnitOfMeasure.TryParse(plain, out var same));
        Assert.Equal(same.Dimension, unit.Dimension);
        Assert.Equal(same.ToSi(3.5), unit.ToSi(3.5));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("a.u.")]
    [InlineData("arb. units")]
    [InlineData("furlongs")]
    [InlineData("Si(111)")]
    [InlineData("m/")]
    [InlineData("m^")]
    [InlineData("(m")]
    [InlineData("m)")]
    [InlineData("m^0")]
    [InlineData("m^9999999999")]
    [InlineData("((((((((((((m))))))))))))")]
    [InlineData("kkm")]
    [InlineData("MEV")]
    public void What_is_no_unit_is_not_taken_for_one(string text) => Assert.False(UnitOfMeasure.TryParse(text, out _));

    [Theory]
    [InlineData(11.5, "keV", 11500, "eV")]
    [InlineData(0.1, "nm", 1, "Å")]
    [InlineData(0.15406, "nm", 1.5406, "angstrom")]
    [InlineData(1013.25, "hPa", 1.01325, "bar")]
    [InlineData(0.3, "s", 300, "ms")]
    [InlineData(1, "m/s", 1, "mm/ms")]
    public void The_same_value_under_two_prefixes_is_the_same_double(
        double one,
        string unit,
        double other,
        string otherUnit
    )
    {
        Assert.True(UnitOfMeasure.TryParse(unit, out var first));
        Assert.True(UnitOfMeasure.TryParse(otherUnit, out var second));
        Assert.Equal(first.ToSi(one), second.ToSi(other));
    }

    [Theory]
    [InlineData("A", "wavelength", "m")]
    [InlineData("A", "distance", "m")]
    [InlineData("A", "current", "A")]
    [InlineData("A", null, "A")]
    [InlineData("C", "sample_temperature", "K")]
    [InlineData("C", "charge", "C")]
    public void A_letter_with_two_meanings_is_read_by_its_key(string text, string? key, string symbol)
    {
        Assert.True(UnitOfMeasure.TryParse(text, key, out var unit));
        Assert.Equal(symbol, unit.SiSymbol);
    }

    [Fact]
    public void A_units_SI_symbol_is_itself_a_unit_of_factor_one()
    {
        foreach (var text in new[] { "keV", "g/cm3", "J/(mol.K)", "1/A", "deg/s", "mT", "mL", "photons/s/mm2", "V/A" })
        {
            Assert.True(UnitOfMeasure.TryParse(text, out var unit));
            Assert.True(UnitOfMeasure.TryParse(unit.SiSymbol, out var si), unit.SiSymbol);
            Assert.Equal(unit.Dimension, si.Dimension);
            Assert.Equal(7, si.ToSi(7));
        }
    }

    [Theory]
    [InlineData("11.5 keV", 11.5, "keV")]
    [InlineData("-190℃", -190, "°C")]
    [InlineData("1.2e-3mbar", 1.2e-3, "mbar")]
    [InlineData("５eV", 5, "eV")]
    [InlineData("5e3 eV", 5000, "eV")]
    [InlineData("42", 42, "")]
    [InlineData(" 0.5  % ", 0.5, "%")]
    public void A_quantity_splits_into_number_and_unit(string text, double number, string unit)
    {
        Assert.True(Quantity.TrySplit(text, out var value, out var rest));
        Assert.Equal((number, unit), (value, rest));
    }

    [Theory]
    [InlineData("")]
    [InlineData("keV")]
    [InlineData("-")]
    [InlineData(".")]
    [InlineData("Si(111)")]
    public void What_does_not_begin_with_a_number_is_no_quantity(string text) =>
        Assert.False(Quantity.TrySplit(text, out _, out _));
}
