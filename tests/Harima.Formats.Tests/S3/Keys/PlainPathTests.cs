using Harima.S3.Keys;

namespace Harima.Formats.S3.Keys;

public sealed class PlainPathTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("a/b.c/d e")]
    [InlineData("...")]
    [InlineData(".hidden")]
    [InlineData("試料/データ")]
    public void These_are_plain(string path) => Assert.True(PlainPath.IsPlain(path));

    [Theory]
    [InlineData("", "%2E")]
    [InlineData(".", "%2E")]
    [InlineData("..", "%2E%2E")]
    [InlineData("/a", "%2Fa")]
    [InlineData("a/", "a%2F")]
    [InlineData("a//b", "a%2F%2Fb")]
    [InlineData("a/./b", "a%2F.%2Fb")]
    [InlineData("../a", "%2E%2E%2Fa")]
    [InlineData("a\\b", "a%5Cb")]
    [InlineData("a\u0007", "a%07")]
    [InlineData("試", "%E8%A9%A6")]
    public void Others_have_an_encoded_name_of_one_part(string path, string encoded)
    {
        Assert.Equal(path == "試", PlainPath.IsPlain(path));
        Assert.Equal("odd-names/" + encoded, PlainPath.Encode(path));
    }

    [Fact]
    public void Long_names_are_cut_and_still_told_apart()
    {
        var (one, other) = (PlainPath.Encode(new string('n', 400) + "1"), PlainPath.Encode(new string('n', 400) + "2"));
        Assert.NotEqual(one, other);
        Assert.InRange(one.Length, 1, PlainPath.LongestNameBytes);
        Assert.Equal(one, PlainPath.Encode(new string('n', 400) + "1"));
    }
}
