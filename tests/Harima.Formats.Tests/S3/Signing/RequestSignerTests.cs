using Harima.S3.Signing;

namespace Harima.Formats.S3.Signing;

public class RequestSignerTests
{
    static RequestSigner Signer(string? token = null) =>
        new(
            new Credentials(Example.AccessKeyId, Example.SecretKey, token),
            "us-east-1",
            new Example.StoppedClock(Example.Now)
        );

    [Fact]
    public void Presigned_URL_is_the_one_of_the_documentation()
    {
        var url = Signer()
            .Presign(
                HttpMethod.Get,
                RawUri.Create("https://examplebucket.s3.amazonaws.com/test.txt"),
                TimeSpan.FromDays(1)
            );

        Assert.EndsWith(
            "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
            url.OriginalString,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Signed_GET_is_the_one_of_the_documentation()
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            RawUri.Create("https://examplebucket.s3.amazonaws.com/test.txt")
        );
        request.Headers.TryAddWithoutValidation("Range", "bytes=0-9");

        Signer().Sign(request, PayloadHash.Empty);

        Assert.EndsWith(
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            request.Headers.NonValidated["Authorization"].ToString(),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("/bucket/a%20b/c%2Bd/%E8%A9%A6%E6%96%99.h5?partNumber=1&uploadId=x%2Fy")]
    [InlineData("/bucket/a/../b//c/./d?delimiter=%2F&prefix=%E8%A9%A6+x")]
    [InlineData("/bucket?uploads")]
    public void What_it_signs_the_verifier_accepts(string target)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, RawUri.Create("http://localhost:9000" + target));
        request.Headers.TryAddWithoutValidation("x-amz-meta-note", "two  blanks, and a comma");
        request.Content = new ByteArrayContent([1]);
        request.Content.Headers.TryAddWithoutValidation("x-amz-trailer", "x-amz-checksum-crc32");
        Signer("token").Sign(request, PayloadHash.UnsignedTrailer);

        var verified = Example.Verified("PUT", request.RequestUri!.PathAndQuery, Lookup(request));

        Assert.Equal(target, request.RequestUri!.PathAndQuery);
        Assert.Equal("token", verified.SessionToken);
        Assert.Null(verified.FindUncovered(request.Headers.Select(header => header.Key)));
    }

    [Fact]
    public void Presigned_URL_with_token_is_accepted_by_the_verifier()
    {
        var url = Signer("to/ken+==")
            .Presign(
                HttpMethod.Put,
                RawUri.Create("http://localhost:9000/b/k%20?x-amz-checksum-crc32=AAAAAA%3D%3D"),
                TimeSpan.FromHours(1)
            );

        var verified = Example.Verified("PUT", url.PathAndQuery, Example.Headers(("host", "localhost:9000")));

        Assert.Equal("to/ken+==", verified.SessionToken);
    }

    [Fact]
    public void Secrets_stay_out_of_text() =>
        Assert.DoesNotContain(
            Example.SecretKey,
            new Credentials(Example.AccessKeyId, Example.SecretKey).ToString(),
            StringComparison.Ordinal
        );

    static HeaderLookup Lookup(HttpRequestMessage request) =>
        name =>
            name == "host" ? request.RequestUri!.Authority
            : request.Headers.NonValidated.TryGetValues(name, out var values)
            || request.Content!.Headers.NonValidated.TryGetValues(name, out values)
                ? values.ToString()
            : null;
}
