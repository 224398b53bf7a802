using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Harima.S3.Errors;
using Harima.S3.Signing;

namespace Harima.Formats.S3.Signing;

/// <summary>
/// The worked examples of "Signing and authenticating REST requests (AWS signature version 2)" with the key printed there,
/// what must be refused, and the shapes of GakuNin RDM's client.
/// </summary>
public class SigV2Tests
{
    const string PresignedPath = "/photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE";
    static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1175139610);

    static SignedRequest Verified(
        string method,
        string target,
        string? hostBucket,
        DateTimeOffset now,
        string secret,
        params (string Name, string Value)[] headers
    )
    {
        var request = SignatureVerifier.Parse(
            method,
            RequestTarget.Parse(target),
            Example.Headers(headers),
            () => headers.Select(header => header.Name),
            hostBucket
        );
        Assert.NotNull(request);
        Assert.Equal(Example.AccessKeyId, request.AccessKeyId);
        new SignatureVerifier(new Example.StoppedClock(now)).Verify(request, secret);
        return request;
    }

    static SignedRequest VerifiedAt(
        string date,
        string method,
        string target,
        string? hostBucket,
        string signature,
        params (string Name, string Value)[] headers
    ) =>
        Verified(
            method,
            target,
            hostBucket,
            DateTimeOffset.Parse(date, CultureInfo.InvariantCulture),
            Example.SecretKey,
            [("authorization", $"AWS {Example.AccessKeyId}:{signature}"), .. headers]
        );

    static string Sign(string text) =>
        Convert.ToBase64String(
            HMACSHA1.HashData(Encoding.UTF8.GetBytes(Example.SecretKey), Encoding.UTF8.GetBytes(text))
        );

    static SignedRequest VerifiedQuery(string method, string stringToSign, string path, string query)
    {
        var signature = UriEncoding.Encode(Sign(stringToSign));
        return Verified(
            method,
            $"{path}?Signature={signature}&Expires=1175139620&AWSAccessKeyId={Example.AccessKeyId}{query}",
            null,
            Now,
            Example.SecretKey
        );
    }

    [Theory]
    [InlineData("GET", "/photos/puppy.jpg", "Tue, 27 Mar 2007 21:15:45 +0000")]
    [InlineData("PUT", "/photos/puppy.jpeg", "Tue, 27 Mar 2007 21:15:45 +0000")]
    [InlineData("PUT", "/photos/puppy.jpg?acl", "Tue, 27 Mar 2007 21:15:45 +0000")]
    [InlineData("PUT", "/photos/puppy.jpg?tagging", "Tue, 27 Mar 2007 21:15:45 +0000")]
    [InlineData("PUT", "/photos/puppy.jpg", "Tue, 27 Mar 2007 21:15:46 +0000")]
    public void A_changed_request_is_refused(string method, string target, string date)
    {
        var refusal = Assert.Throws<S3Exception>(() =>
            VerifiedAt(
                date,
                method,
                target,
                "johnsmith",
                "MyyxeRY7whkBe+bq8fHCL/2kKUg=",
                ("date", date),
                ("content-type", "image/jpeg")
            )
        );
        Assert.Equal("SignatureDoesNotMatch", refusal.Code);
        Assert.Contains(refusal.Details, detail => detail.Key == "StringToSign");
    }

    [Fact]
    public void An_amz_header_added_after_signing_is_refused()
    {
        const string date = "Tue, 27 Mar 2007 19:36:42 +0000";
        SignedRequest Send(params (string, string)[] headers) =>
            VerifiedAt(date, "GET", "/photos/puppy.jpg", "johnsmith", "bWq2s1WEIj+Ydj0vQ697zp+IXMU=", headers);

        Send(("Date", date));
        Assert.Equal(
            "SignatureDoesNotMatch",
            Assert.Throws<S3Exception>(() => Send(("Date", date), ("X-Amz-Copy-Source", "/other/key"))).Code
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("bWq2s1WEIj+Ydj0vQ697zp+IXMU")]
    [InlineData("bWq2s1WEIj+Ydj0vQ697zp+IXMUA")]
    [InlineData("bWq2s1WEIj+Ydj0vQ697zp+IXMU=bWq2s1WEIj+Ydj0vQ697zp+IXMU=")]
    public void A_signature_of_the_wrong_form_is_refused(string signature)
    {
        const string date = "Tue, 27 Mar 2007 19:36:42 +0000";
        Assert.Equal(
            "SignatureDoesNotMatch",
            Assert
                .Throws<S3Exception>(() =>
                    VerifiedAt(date, "GET", "/photos/puppy.jpg", "johnsmith", signature, ("date", date))
                )
                .Code
        );
    }

    [Theory]
    [InlineData("AWS AKIAIOSFODNN7EXAMPLE", "InvalidArgument")]
    [InlineData("AWS :abc", "InvalidArgument")]
    [InlineData("AWS ", "InvalidArgument")]
    public void An_authorization_header_of_the_wrong_form_is_refused(string authorization, string code) =>
        Assert.Equal(
            code,
            Assert
                .Throws<S3Exception>(() =>
                    SignatureVerifier.Parse(
                        "GET",
                        RequestTarget.Parse("/"),
                        Example.Headers(("authorization", authorization), ("date", "Tue, 27 Mar 2007 19:36:42 +0000"))
                    )
                )
                .Code
        );

    [Theory]
    [InlineData(null)]
    [InlineData("yesterday")]
    public void A_request_without_a_date_is_refused(string? date)
    {
        (string, string)[] headers = date is null ? [] : [("date", date)];
        Assert.Equal(
            "AccessDenied",
            Assert
                .Throws<S3Exception>(() =>
                    VerifiedAt(
                        "2007-03-27T19:36:42Z",
                        "GET",
                        "/photos/puppy.jpg",
                        "johnsmith",
                        "bWq2s1WEIj+Ydj0vQ697zp+IXMU=",
                        headers
                    )
                )
                .Code
        );
    }

    [Theory]
    [InlineData("2007-03-27T19:20:42Z")]
    [InlineData("2007-03-27T19:52:42Z")]
    public void A_clock_more_than_15_minutes_off_is_refused(string now) =>
        Assert.Equal(
            "RequestTimeTooSkewed",
            Assert
                .Throws<S3Exception>(() =>
                    VerifiedAt(
                        now,
                        "GET",
                        "/photos/puppy.jpg",
                        "johnsmith",
                        "bWq2s1WEIj+Ydj0vQ697zp+IXMU=",
                        ("date", "Tue, 27 Mar 2007 19:36:42 +0000")
                    )
                )
                .Code
        );

    [Theory]
    [InlineData("&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139609")]
    [InlineData("&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D")]
    [InlineData("&Expires=1175139620")]
    [InlineData("&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=soon")]
    [InlineData("&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=99999999999999")]
    public void A_query_that_has_expired_or_lacks_something_is_denied(string query) =>
        Assert.Equal(
            "AccessDenied",
            Assert
                .Throws<S3Exception>(() => Verified("GET", PresignedPath + query, "johnsmith", Now, Example.SecretKey))
                .Code
        );

    [Theory]
    [InlineData("GET", "Tue, 27 Mar 2007 19:36:42 +0000", "/photos/puppy.jpg", "bWq2s1WEIj+Ydj0vQ697zp+IXMU=")]
    [InlineData(
        "GET",
        "Tue, 27 Mar 2007 19:42:41 +0000",
        "/?prefix=photos&max-keys=50&marker=puppy",
        "htDYFYduRNen8P9ZfE/s9SuKy0U="
    )]
    [InlineData("GET", "Tue, 27 Mar 2007 19:44:46 +0000", "/?acl", "c2WLPFtWHVgbEmeEG93a4cG37dM=")]
    public void Requests_of_the_documentation_are_accepted(string method, string date, string target, string signature)
    {
        VerifiedAt(date, method, target, "johnsmith", signature, ("Date", date));
        // The same in path style.
        VerifiedAt(date, method, "/johnsmith" + target, null, signature, ("Date", date));
    }

    [Fact]
    public void Put_of_the_documentation_is_accepted() =>
        VerifiedAt(
            "2007-03-27T21:15:45Z",
            "PUT",
            "/photos/puppy.jpg",
            "johnsmith",
            "MyyxeRY7whkBe+bq8fHCL/2kKUg=",
            ("Content-Type", "image/jpeg"),
            ("Content-Length", "94328"),
            ("Date", "Tue, 27 Mar 2007 21:15:45 +0000")
        );

    [Fact]
    public void Delete_with_a_date_of_amazons_is_accepted() =>
        VerifiedAt(
            "2007-03-27T21:20:26Z",
            "DELETE",
            "/johnsmith/photos/puppy.jpg",
            null,
            "R4dJ53KECjStyBO5iTBJZ4XVOaI=",
            ("Date", "Tue, 27 Mar 2007 21:20:27 +0000"),
            ("x-amz-date", "Tue, 27 Mar 2007 21:20:26 +0000")
        );

    [Fact]
    public void Upload_with_metadata_of_the_documentation_is_accepted() =>
        VerifiedAt(
            "2007-03-27T21:06:08Z",
            "PUT",
            "/db-backup.dat.gz",
            "static.johnsmith.net",
            "ilyl83RwaSoYIEdixDQcA4OnAnc=",
            ("Date", "Tue, 27 Mar 2007 21:06:08 +0000"),
            ("x-amz-acl", "public-read"),
            ("content-type", "application/x-download"),
            ("Content-MD5", "4gJE4saaMU4BqNR0kLY+lw=="),
            // A server joins what the example sends as two headers.
            ("X-Amz-Meta-ReviewedBy", "joe@johnsmith.net,jane@johnsmith.net"),
            ("X-Amz-Meta-FileChecksum", "0x02661779"),
            ("X-Amz-Meta-ChecksumAlgorithm", "crc32"),
            ("Content-Disposition", "attachment; filename=database.dat"),
            ("Content-Encoding", "gzip")
        );

    [Fact]
    public void Listing_of_all_buckets_of_the_documentation_is_accepted() =>
        VerifiedAt(
            "2007-03-28T01:29:59Z",
            "GET",
            "/",
            null,
            "qGdzdERIC03wnaRNKh6OqZehG9s=",
            ("Date", "Wed, 28 Mar 2007 01:29:59 +0000")
        );

    [Fact]
    public void Unicode_keys_of_the_documentation_are_accepted_as_they_were_sent() =>
        VerifiedAt(
            "2007-03-28T01:49:49Z",
            "GET",
            "/dictionary/fran%C3%A7ais/pr%c3%a9f%c3%a8re",
            null,
            "DNEZGsoieTZ92F3bUfSPQcbGmlM=",
            ("Date", "Wed, 28 Mar 2007 01:49:49 +0000")
        );

    [Theory]
    [InlineData("NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D")]
    [InlineData("NpgCjnDzrM+WFzoENXmpNDUsSn8=")]
    public void Query_of_the_documentation_is_accepted(string signature)
    {
        var request = Verified(
            "GET",
            $"{PresignedPath}&Signature={signature}&Expires=1175139620",
            "johnsmith",
            Now,
            Example.SecretKey
        );

        Assert.True(request.IsPresigned);
        Assert.Equal(PayloadKind.UnsignedPayload, request.Payload.Kind);
    }

    [Theory]
    [InlineData("/bl37xu-data/", "&prefix=raw/&delimiter=/&max-keys=1000&marker=raw/a+b")]
    [InlineData("/bl37xu-data/?versions", "&prefix=X&delimiter=/&versions=&prefix=X&delimiter=/&versions=")]
    [InlineData("/bl37xu-data/?delete", "&delete=&delete=")]
    [InlineData("/bl37xu-data/S1/a%2Bb%20c?uploadId=A", "&uploadId=A&uploadId=A")]
    [InlineData("/bl37xu-data/S1/a?partNumber=2&uploadId=a/b+=", "&partNumber=2&uploadId=a%2Fb%2B%3D")]
    [InlineData(
        "/bl37xu-data/S1/a?response-content-disposition=attachment; filename=\"試料.txt\"",
        "&response-content-disposition=attachment%3B+filename%3D%22%E8%A9%A6%E6%96%99.txt%22"
    )]
    [InlineData("/bl37xu-data/S1/a", "&x-amz-server-side-encryption=AES256")]
    public void Shapes_of_GakuNin_RDM_are_accepted(string resource, string query)
    {
        var path = resource.Split('?')[0];
        VerifiedQuery("GET", "GET\n\n\n1175139620\n" + resource, path, query);
    }

    [Fact]
    public void Headers_that_botocore_moves_into_the_query_are_signed_as_headers()
    {
        var request = VerifiedQuery(
            "GET",
            "GET\n\n\n1175139620\nx-amz-request-payer:requester\nx-amz-security-token:to/ken\n/b/k",
            "/b/k",
            "&x-amz-security-token=to%2Fken&x-amz-request-payer=requester"
        );
        Assert.Equal("to/ken", request.SessionToken);
    }

    [Fact]
    public void Signed_chunks_are_refused_as_they_need_version_4() =>
        Assert.Equal(
            "InvalidRequest",
            Assert
                .Throws<S3Exception>(() =>
                    VerifiedAt(
                        "2007-03-28T01:29:59Z",
                        "PUT",
                        "/",
                        null,
                        "qGdzdERIC03wnaRNKh6OqZehG9s=",
                        ("Date", "Wed, 28 Mar 2007 01:29:59 +0000"),
                        ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
                    )
                )
                .Code
        );
}
