using System.Globalization;
using System.Text;

namespace Harima.Imaging.Formats.Csv;

public sealed class CsvTableTests
{
    [Fact]
    public void Names_come_first_and_numbers_read_back_the_same()
    {
        double[] values = [0.1, 1e-300, 123456789.123, -2];
        var lines = Text(("energy_eV", values), ("I0", [1, 2, 3, 4])).Split("\r\n");
        Assert.Equal("energy_eV,I0", lines[0]);
        Assert.Equal(
            values,
            lines[1..5].Select(line => double.Parse(line.Split(',')[0], CultureInfo.InvariantCulture))
        );
        Assert.Equal("", lines[5]);
    }

    [Fact]
    public void The_decimal_point_is_a_point_in_every_culture()
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
        try
        {
            Assert.Equal("x\r\n1.5\r\n", Text(("x", [1.5])));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Columns_of_different_length_are_refused() =>
        Assert.Throws<ArgumentException>(() => Text(("a", [1]), ("b", [1, 2])));

    [Fact]
    public void A_name_with_a_comma_is_refused() => Assert.Throws<ArgumentException>(() => Text(("a,b", [1])));

    static string Text(params (string, double[])[] columns)
    {
        using var stream = new MemoryStream();
        CsvTable.Write(stream, columns);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
