using Harima.S3.Errors;
using Harima.S3.Signing;

namespace Harima.Formats.S3.Signing;

public class RequestTargetTests
{
    [Theory]
    [InlineData("/b/%ff")]
    [InlineData("/b/%c0%af")] // An overlong slash.
    [InlineData("/b?prefix=%80")]
    [InlineData("/b/a%00b")]
    public void Bytes_that_are_not_text_are_refused(string target) =>
        Assert.Equal("InvalidURI", Assert.Throws<S3Exception>(() => RequestTarget.Parse(target).DecodePath()).Code);

    [Fact]
    public void More_parameters_than_any_client_sends_are_refused() =>
        Assert.Throws<S3Exception>(() => RequestTarget.Parse("/?" + string.Join('&', Enumerable.Range(0, 200))));

    [Theory]
    [InlineData("/b/a%2Fb//c/../d", "/b/a/b//c/../d")]
    [InlineData("/b/a+b%20c%zz%4", "/b/a+b c%zz%4")]
    [InlineData("/b/%E8%A9%A6", "/b/試")]
    [InlineData("/b/試𝒳%20", "/b/試𝒳 ")]
    [InlineData("http://host:1/b/k?x", "/b/k")]
    [InlineData("http://host", "/")]
    public void Paths_are_decoded_once_and_not_normalised(string target, string path) =>
        Assert.Equal(path, RequestTarget.Parse(target).DecodePath());

    [Fact]
    public void The_first_of_two_equal_parameters_counts_and_a_bare_name_is_there()
    {
        var target = RequestTarget.Parse("/b?prefix=a+b%2Bc&uploads&prefix=z&delete=");

        Assert.Equal("a b+c", target.Find("prefix"));
        Assert.True(target.Has("uploads"));
        Assert.True(target.Has("delete"));
        Assert.Null(target.Find("marker"));
    }
}
