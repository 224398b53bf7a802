using System.Net;
using Harima.Identity;
using Harima.S3.Signing;

namespace Harima.Gateway;

public sealed class S3PipelineOnSqlite(SqliteHarima harima) : S3PipelineTests(harima);

public sealed class S3PipelineOnPostgres(PostgresHarima harima) : S3PipelineTests(harima);

/// <summary>Who may talk to the gateway at all, and how it says no.</summary>
public abstract class S3PipelineTests(RunningHarima harima) : GatewayTests(harima)
{
    Task<Answer> SendAsAsync(Credentials credentials, string target, TimeProvider? time = null) =>
        SendSignedAsync(new RequestSigner(credentials, "us-east-1", time ?? TimeProvider.System), target);

    async Task<Answer> SendSignedAsync(RequestSigner signer, string target, Action<HttpRequestMessage>? then = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Harima.S3, target));
        signer.Sign(request, PayloadHash.UnsignedPayload);
        then?.Invoke(request);
        using var response = await Harima.Http.SendAsync(request, Token);
        return await Answer.ReadAsync(response, Token);
    }

    [Fact]
    public async Task An_unknown_key_is_refused() =>
        (await SendAsAsync(new Credentials("HKNOBODY", "secret"), "/")).IsRefused(403, "InvalidAccessKeyId");

    [Fact]
    public async Task A_wrong_secret_is_refused() =>
        (await SendAsAsync(Harima.KeyOf("leader") with { SecretKey = "wrong" }, "/")).IsRefused(
            403,
            "SignatureDoesNotMatch"
        );

    [Fact]
    public async Task A_clock_that_is_off_is_refused() =>
        (await SendAsAsync(Harima.KeyOf("leader"), "/", new Late(TimeSpan.FromMinutes(20)))).IsRefused(
            403,
            "RequestTimeTooSkewed"
        );

    [Fact]
    public async Task A_revoked_key_is_refused_on_the_next_request()
    {
        var keys = Harima.Get<AccessKeys>();
        var member = RunningHarima.PrincipalOf("member");
        var made = await keys.CreateAsync(member, "short-lived", Token);
        var credentials = new Credentials(made.Key.Id, made.SecretKey);
        (await SendAsAsync(credentials, "/")).IsOk();

        await keys.RevokeAsync(member, made.Key.Id, Token);

        (await SendAsAsync(credentials, "/")).IsRefused(403, "InvalidAccessKeyId");
    }

    [Fact]
    public async Task Session_credentials_need_their_token_and_reach_only_their_prefix()
    {
        var inside = await NewFileAsync("inside");
        var outside = await NewFileAsync("outside");
        var made = await Harima
            .Get<AccessKeys>()
            .CreateSessionAsync(
                RunningHarima.PrincipalOf("leader"),
                new CredentialLimit(Bucket, inside.Split('/')[2] + "/", MayWrite: false),
                TimeSpan.FromHours(1),
                Token
            );
        var credentials = new Credentials(made.Key.Id, made.SecretKey, made.SessionToken);

        Assert.Equal("inside", (await SendAsAsync(credentials, inside)).Text);
        (await SendAsAsync(credentials, outside)).IsRefused(404, "NoSuchKey");
        (await SendAsAsync(credentials, "/" + Workspace)).IsRefused(404, "NoSuchBucket");
        (await SendAsAsync(credentials with { SessionToken = null }, inside)).IsRefused(400, "InvalidToken");
        (await SendAsAsync(credentials with { SessionToken = "other" }, inside)).IsRefused(400, "InvalidToken");
        var listed = (await SendAsAsync(credentials, $"/{Bucket}?list-type=2")).Xml;
        Assert.Equal(
            [inside[(Bucket.Length + 2)..]],
            listed.Elements(Xmlns + "Contents").Select(e => e.Element(Xmlns + "Key")!.Value)
        );
    }

    [Fact]
    public async Task A_header_added_after_signing_is_refused()
    {
        var signer = new RequestSigner(Harima.KeyOf("leader"), "us-east-1", TimeProvider.System);
        var answer = await SendSignedAsync(
            signer,
            "/",
            request => request.Headers.TryAddWithoutValidation("x-amz-copy-source", "/b/k")
        );
        answer.IsRefused(403, "AccessDenied");
    }

    [Theory]
    [InlineData("GET", "?encryption")]
    [InlineData("PUT", "?website")]
    [InlineData("PUT", "?lifecycle")]
    public async Task What_is_not_offered_says_so(string method, string query) =>
        (await SendAsync("leader", method, $"/{Bucket}{query}", "")).IsRefused(501, "NotImplemented");

    [Fact]
    public async Task A_put_of_what_is_not_offered_does_not_overwrite_the_object()
    {
        var target = await NewFileAsync("text");
        (await SendAsync("leader", "PUT", target + "?legal-hold", "<LegalHold/>")).IsRefused(501, "NotImplemented");
        Assert.Equal("text", (await SendAsync("leader", "GET", target)).Text);
    }

    [Fact]
    public async Task Other_methods_are_refused() =>
        (await SendAsync("leader", "PATCH", $"/{Bucket}/x/y", "")).IsRefused(405, "MethodNotAllowed");

    [Theory]
    [InlineData("/%ff%fe")]
    [InlineData("/bucket/%c0%af")]
    public async Task Text_that_is_not_UTF8_is_refused(string target) =>
        (await SendAsync("leader", "GET", target)).IsRefused(400, "InvalidURI");

    [Theory]
    [InlineData("/healthz/../../etc/passwd")]
    [InlineData("/../../etc/passwd")]
    [InlineData("/2026a2000/../../../etc/passwd")]
    [InlineData("/2026a2000/..%2f..%2f..%2fetc%2fpasswd")]
    [InlineData("/.harima/staging")]
    public async Task Paths_out_of_the_tree_lead_nowhere(string target) =>
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("leader", "GET", target)).Status);

    [Fact]
    public async Task Health_is_answered_without_a_key() => (await SendAsync(Anonymous, "GET", "/healthz")).IsOk();

    [Fact]
    public async Task Browsers_of_any_origin_may_upload_and_see_the_etag()
    {
        var preflight = await SendAsync(
            Anonymous,
            "OPTIONS",
            $"/{Bucket}/S1/a",
            headers:
            [
                ("Origin", "https://portal.example.jp"),
                ("Access-Control-Request-Method", "PUT"),
                ("Access-Control-Request-Headers", "authorization,x-amz-date,x-amz-meta-x"),
            ]
        );
        Assert.Equal(HttpStatusCode.NoContent, preflight.Status);
        Assert.Equal("*", preflight.Header("Access-Control-Allow-Origin"));
        Assert.Contains("PUT", preflight.Header("Access-Control-Allow-Methods"), StringComparison.Ordinal);
        Assert.Contains("x-amz-meta-x", preflight.Header("Access-Control-Allow-Headers"), StringComparison.Ordinal);
        Assert.Null(preflight.Header("Access-Control-Allow-Credentials"));

        var refused = await SendAsync(Anonymous, "GET", "/no/such", headers: [("Origin", "https://x.example")]);
        Assert.Equal("*", refused.Header("Access-Control-Allow-Origin"));
        Assert.Contains("ETag", refused.Header("Access-Control-Expose-Headers"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_portal_port_does_not_speak_S3()
    {
        using var response = await Harima.Http.GetAsync(new Uri(Harima.Portal, $"/{Bucket}?list-type=2"), Token);
        Assert.DoesNotContain(
            "NoSuchBucket",
            await response.Content.ReadAsStringAsync(Token),
            StringComparison.Ordinal
        );
    }

    sealed class Late(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - by;
    }
}
