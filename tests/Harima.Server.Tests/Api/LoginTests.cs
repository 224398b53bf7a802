using System.Net;
using System.Net.Http.Json;
using Dapper;
using Harima.Catalogue;
using Harima.Hosting;
using Harima.Identity;

namespace Harima.Api;

public sealed class LoginOnSqlite(SqliteHarima harima) : LoginTests(harima);

public sealed class LoginOnPostgres(PostgresHarima harima) : LoginTests(harima);

/// <summary>Login, tokens, access keys, session credentials, people.</summary>
public abstract class LoginTests(RunningHarima harima) : ApiTests(harima)
{
    [Theory]
    [InlineData("leader", "wrong")]
    [InlineData("nobody", "correct horse leader")]
    public async Task A_wrong_name_and_a_wrong_password_get_the_same_answer(string user, string password) =>
        (await SendAsync(Anonymous, "POST", "/login", $$"""{"user":"{{user}}","password":"{{password}}"}""")).IsProblem(
            401,
            "wrong-password"
        );

    [Theory]
    [InlineData("{")]
    [InlineData("""{"user":"leader"}""")]
    [InlineData("""{"user":null,"password":"x"}""")]
    [InlineData("[]")]
    public async Task A_body_that_is_no_login_is_refused_and_says_where(string body) =>
        (await SendAsync(Anonymous, "POST", "/login", body)).IsProblem(400, "bad-request");

    [Fact]
    public async Task A_token_works_until_it_is_logged_out()
    {
        var login = (
            await SendAsync(
                Anonymous,
                "POST",
                "/login",
                """{"user":"leader@example.jp","password":"correct horse leader","description":"test"}"""
            )
        )
            .IsOk()
            .Json();
        var token = login.GetProperty("token").GetString()!;
        Assert.Equal("leader", login.GetProperty("user").GetProperty("id").GetString());
        var bearer = ("Authorization", "Bearer " + token);
        var me = (await SendAsync(Anonymous, "GET", "/me", null, bearer)).IsOk().Json();
        Assert.Equal("leader", me.GetProperty("id").GetString());
        Assert.False(me.GetProperty("administrator").GetBoolean());
        (await SendAsync(Anonymous, "POST", "/logout", null, bearer)).IsOk(HttpStatusCode.NoContent);
        (await SendAsync(Anonymous, "GET", "/me", null, bearer)).IsProblem(401, "token-unknown");
    }

    [Theory]
    [InlineData("Bearer hmt_0123456789abcdef_0123456789")]
    [InlineData("Bearer nonsense")]
    public async Task A_token_nobody_knows_is_no_anonymous_visitor(string header) =>
        (await SendAsync(Anonymous, "GET", "/sequences", null, ("Authorization", header))).IsProblem(
            401,
            "token-unknown"
        );

    [Fact]
    public async Task A_token_of_another_person_cannot_be_revoked()
    {
        var made = (await SendAsync("leader", "POST", "/tokens", """{"description":"mine"}""")).IsOk(
            HttpStatusCode.Created
        );
        var id = made.Json().GetProperty("id").GetString();
        (await SendAsync("stranger", "DELETE", "/tokens/" + id)).IsProblem(404, "not-found");
        (await SendAsync("leader", "DELETE", "/tokens/" + id)).IsOk(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_token_of_a_closed_account_is_refused()
    {
        var user = NewId("gone-").ToLowerInvariant();
        await Harima.Get<Users>().CreateAsync(user, user, null, "x", Token);
        var bearer = ("Authorization", "Bearer " + await NewTokenAsync(user));
        (await SendAsync(Anonymous, "GET", "/me", null, bearer)).IsOk();
        await CloseAccountAsync(user);
        (await SendAsync(Anonymous, "GET", "/me", null, bearer)).IsProblem(401, "token-unknown");
    }

    [Fact]
    public async Task An_access_key_works_on_S3_until_it_is_revoked()
    {
        var made = (await SendAsync("leader", "POST", "/access-keys", """{"description":"k"}""")).IsOk(
            HttpStatusCode.Created
        );
        var (id, secret) = (
            made.Json().GetProperty("accessKey").GetString()!,
            made.Json().GetProperty("secretKey").GetString()!
        );
        var listed = (await SendAsync("leader", "GET", "/access-keys")).IsOk().Text;
        Assert.Contains(id, listed, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, listed, StringComparison.Ordinal);
        var client = new S3.Client.S3Client(
            Harima.Http,
            Harima.S3,
            "us-east-1",
            new S3.Signing.Credentials(id, secret),
            TimeProvider.System
        );
        await client.ListObjectsV2Async(RunningHarima.Bucket, "none/", null, null, Token);
        (await SendAsync("leader", "DELETE", "/access-keys/" + id)).IsOk(HttpStatusCode.NoContent);
        await Assert.ThrowsAsync<S3.Errors.S3Exception>(() =>
            client.ListObjectsV2Async(RunningHarima.Bucket, "none/", null, null, Token)
        );
    }

    [Theory]
    [InlineData(59)]
    [InlineData(43201)]
    public async Task Session_credentials_live_for_a_minute_to_twelve_hours(int seconds) =>
        (await SendAsync("leader", "POST", "/session-credentials", $$"""{"lifetimeSeconds":{{seconds}}}""")).IsProblem(
            400,
            "session-lifetime"
        );

    [Fact]
    public async Task Upload_credentials_write_their_sequence_and_nothing_else()
    {
        var (mine, other) = (NewId(), await NewSequenceAsync());
        var made = (
            await SendAsync(
                "member",
                "POST",
                $"/proposals/{Proposal.ToLowerInvariant()}/sequences/{mine}/upload-credentials"
            )
        )
            .IsOk()
            .Json();
        string Field(string name) => made.GetProperty(name).GetString()!;
        Assert.Equal((RunningHarima.Bucket, mine + "/"), (Field("bucket"), Field("prefix")));
        Assert.Equal(Harima.S3.GetLeftPart(UriPartial.Authority), Field("endpoint"));
        var client = new S3.Client.S3Client(
            Harima.Http,
            new Uri(Field("endpoint")),
            Field("region"),
            new S3.Signing.Credentials(Field("accessKey"), Field("secretKey"), Field("sessionToken")),
            TimeProvider.System
        );
        using var body = new MemoryStream("x"u8.ToArray());
        await client.PutObjectAsync(RunningHarima.Bucket, mine + "/x", body, 1, null, Token);
        using var again = new MemoryStream("x"u8.ToArray());
        var fault = await Assert.ThrowsAsync<S3.Errors.S3Exception>(() =>
            client.PutObjectAsync(RunningHarima.Bucket, other + "/x", again, 1, null, Token)
        );
        Assert.Equal(403, fault.Status);
        Assert.Null(await client.FindObjectAsync(RunningHarima.Bucket, other + "/a.txt", Token));
    }

    [Fact]
    public async Task People_are_found_by_two_characters_and_at_most_ten()
    {
        (await SendAsync("leader", "GET", "/people?query=l")).IsProblem(400, "query-short");
        (await SendAsync("leader", "GET", "/people")).IsProblem(400, "bad-request");
        var found = (await SendAsync("leader", "GET", "/people?query=MEMB")).IsOk().Json().GetProperty("items");
        Assert.Equal("member", found[0].GetProperty("id").GetString());
        Assert.True(
            (await SendAsync("leader", "GET", "/people?query=example")).Json().GetProperty("items").GetArrayLength()
                <= 10
        );
    }

    [Fact]
    public async Task A_cookie_needs_the_header_against_forgery_to_change_something()
    {
        using var browser = await LogInAsBrowserAsync("member");
        var place = $"/api/v1/proposals/{Proposal}/sequences";
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/api/v1/me", Token)).StatusCode);
        var id = NewId();
        var forged = await browser.PostAsJsonAsync(place, new { id }, Token);
        Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);
        browser.DefaultRequestHeaders.Add("X-Harima-Csrf", "1");
        Assert.Equal(HttpStatusCode.Created, (await browser.PostAsJsonAsync(place, new { id }, Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await browser.PostAsync("/api/v1/logout", null, Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync("/api/v1/me", Token)).StatusCode);
    }

    [Fact]
    public async Task A_cookie_of_a_closed_account_is_no_login()
    {
        var user = NewId("shut-").ToLowerInvariant();
        await Harima.Get<Users>().CreateAsync(user, user, null, "correct horse " + user, Token);
        using var browser = await LogInAsBrowserAsync(user);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/api/v1/me", Token)).StatusCode);
        await CloseAccountAsync(user);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync("/api/v1/me", Token)).StatusCode);
    }

    [Theory]
    [InlineData("/download", "/download")]
    [InlineData("/a?b=c", "/a?b=c")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("https://evil.example", "/")]
    [InlineData("", "/")]
    [InlineData(null, "/")]
    public void Only_addresses_of_our_own_are_returned_to(string? asked, string expected) =>
        Assert.Equal(expected, Authentication.LocalAddress(asked));

    /// <summary>As the login page does it: token against forgery, then the form.</summary>
    async Task<HttpClient> LogInAsBrowserAsync(string user)
    {
        var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false })
        {
            BaseAddress = Harima.Portal,
        };
        var page = await browser.GetStringAsync("/login", Token);
        var form = System
            .Text.RegularExpressions.Regex.Matches(page, "<input[^>]*>")
            .Select(input => input.Value)
            .Where(input => input.Contains("type=\"hidden\"", StringComparison.Ordinal))
            .ToDictionary(
                input => Attribute(input, "name"),
                input => Attribute(input, "value"),
                StringComparer.Ordinal
            );
        form["Account"] = user;
        form["Password"] = "correct horse " + user;
        using var body = new FormUrlEncodedContent(form);
        var answer = await browser.PostAsync("/login", body, Token);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return browser;
    }

    static string Attribute(string tag, string name) =>
        System.Text.RegularExpressions.Regex.Match(tag, name + "=\"([^\"]*)\"").Groups[1].Value;

    async Task CloseAccountAsync(string user) =>
        await Harima
            .Get<CatalogueWriter>()
            .WriteAsync(
                transaction =>
                    transaction.Connection!.Execute(
                        "UPDATE app_user SET active = FALSE WHERE id = @user",
                        new { user },
                        transaction
                    ),
                Token
            );
}
