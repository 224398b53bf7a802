using System.Text;
using Harima.Imaging;
using Harima.Imaging.Formats.Text;
using Harima.Imaging.Neighbours;

namespace Harima.Formats.Tests.Imaging.Formats;

public sealed class NumberTableTests
{
    [Fact]
    public void Absorption_is_drawn_of_a_scan_that_holds_counts()
    {
        var curve = NumberTable.Read(Encoding.UTF8.GetString(RealData.Read("xafs-spectra/Zn/ZnO.xdi")));
        Assert.Equal(9584.0, curve.X[0]);
        Assert.Equal(Math.Log(117096.099842 / 89590.699906), curve.Y[0]);
    }

    [Theory]
    [InlineData("# XDI/1.0\n# Column.1: energy eV\n# Column.2: i0\n# Column.3: mutrans\n1 5 7\n2 5 8\n", 7, 8)]
    [InlineData("#title,Pt4f\n#x,Binding energy,eV,reverse\n\n80,3\n79,4\n", 3, 4)]
    [InlineData("width is the same\n1;9;3\n2;9;4\n", 3, 4)]
    [InlineData(" 1248\n .1\t 3\t 0.5\n .2\t 4\t 0.6\n", 3, 4)]
    public void The_column_that_changes_or_is_named_is_drawn(string text, double first, double second) =>
        Assert.Equal([first, second], NumberTable.Read(text).Y);

    [Theory]
    [InlineData("")]
    [InlineData("a letter to the editor")]
    [InlineData("1\n2\n3\n")]
    [InlineData("1 2\n")]
    public void A_text_without_a_table_is_refused(string text) =>
        Assert.Throws<DamagedFileException>(() => NumberTable.Read(text));

    [Fact]
    public void Every_real_spectrum_is_a_curve()
    {
        var files = Directory.GetFiles(RealData.PathOf("xafs-spectra"), "*.xdi", SearchOption.AllDirectories);
        Assert.True(files.Length > 200);
        foreach (var file in files)
            Assert.InRange(NumberTable.Read(File.ReadAllText(file)).Y.Count(double.IsFinite), 20, 20_000);
    }
}
