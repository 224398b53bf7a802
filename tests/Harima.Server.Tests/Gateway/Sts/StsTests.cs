using System.Security.Cryptography;
using System.Text.Json;
using System.Xml.Linq;
using Harima.Clients;
using Harima.Identity;
using Harima.S3.Client;
using Harima.S3.Signing;

namespace Harima.Gateway.Sts;

/// <summary>A server that knows an identity provider.</summary>
public sealed class HarimaWithProvider : RunningHarima
{
    internal FakeProvider Provider { get; } = new();

    protected override IEnumerable<string> Settings =>
        [
            "--Harima:Identity:Oidc:0:Name",
            "institute",
            "--Harima:Identity:Oidc:0:Authority",
            Provider.Issuer,
            "--Harima:Identity:Oidc:0:ClientId",
            "harima",
            "--Harima:Identity:Oidc:0:ClientSecret",
            "a secret of at least thirty-two bytes",
            "--Harima:Identity:Oidc:0:RequireHttps",
            "false",
            "--Harima:Identity:Oidc:0:Audiences",
            "notebooks",
        ];

    protected override Task<string> CreateDatabaseAsync() => Task.FromResult("sqlite");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Provider.Dispose();
    }
}

/// <summary>Temporary credentials: asked for by hand, and by <c>aws sts</c>.</summary>
public sealed class StsTests(HarimaWithProvider harima) : ClientTests(harima), IClassFixture<HarimaWithProvider>
{
    static readonly XNamespace Sts = "https://sts.amazonaws.com/doc/2011-06-15/";
    static readonly ClientTool Aws = new("aws", "/usr/bin/aws");

    FakeProvider Provider => harima.Provider;

    Task<Answer> AskAsync(params (string Name, string Value)[] parameters) =>
        SendAsync(
            Anonymous,
            "POST",
            "/",
            new FormUrlEncodedContent(parameters.Select(pair => KeyValuePair.Create(pair.Name, pair.Value)))
        );

    Task<Answer> AssumeAsync(string token, params (string Name, string Value)[] more) =>
        AskAsync([
            ("Action", "AssumeRoleWithWebIdentity"),
            ("Version", "2011-06-15"),
            ("RoleArn", "arn:aws:iam::000000000000:role/any"),
            ("RoleSessionName", "test"),
            ("WebIdentityToken", token),
            .. more,
        ]);

    static void IsRefused(Answer answer, int status, string code)
    {
        Assert.True(status == (int)answer.Status, answer.Text);
        Assert.Equal(code, answer.Xml.Element(Sts + "Error")!.Element(Sts + "Code")!.Value);
        Assert.Equal(answer.Header("x-amz-request-id"), answer.Xml.Element(Sts + "RequestId")!.Value);
    }

    static Credentials CredentialsOf(Answer answer)
    {
        var found = answer.IsOk().Xml.Descendants(Sts + "Credentials").Single();
        return new Credentials(
            found.Element(Sts + "AccessKeyId")!.Value,
            found.Element(Sts + "SecretAccessKey")!.Value,
            found.Element(Sts + "SessionToken")!.Value
        );
    }

    async Task<Answer> GetAsync(Credentials credentials, string target)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            RawUri.Create(harima.S3.GetLeftPart(UriPartial.Authority) + target)
        );
        new RequestSigner(credentials, "us-east-1", TimeProvider.System).Sign(request, PayloadHash.UnsignedPayload);
        using var response = await harima.Http.SendAsync(request, Token);
        return await Answer.ReadAsync(response, Token);
    }

    Task<string> AwsAsync(Credentials? key, IEnumerable<string> arguments, int exitCode = 0)
    {
        Aws.Require();
        var environment = new Dictionary<string, string>
        {
            ["AWS_DEFAULT_REGION"] = "us-east-1",
            ["AWS_CONFIG_FILE"] = PathOf("no-config"),
            ["AWS_SHARED_CREDENTIALS_FILE"] = PathOf("no-credentials"),
            ["AWS_EC2_METADATA_DISABLED"] = "true",
        };
        if (key is not null)
        {
            environment["AWS_ACCESS_KEY_ID"] = key.AccessKeyId;
            environment["AWS_SECRET_ACCESS_KEY"] = key.SecretKey;
            if (key.SessionToken is { } token)
                environment["AWS_SESSION_TOKEN"] = token;
        }
        string[] endpoint = ["--endpoint-url", harima.S3.ToString().TrimEnd('/'), "--output", "json"];
        return Aws.RunAsync(environment, [.. endpoint, .. arguments], Token, exitCode);
    }

    static Credentials CredentialsOf(string json)
    {
        using var document = JsonDocument.Parse(json);
        var found = document.RootElement.GetProperty("Credentials");
        return new Credentials(
            found.GetProperty("AccessKeyId").GetString()!,
            found.GetProperty("SecretAccessKey").GetString()!,
            found.GetProperty("SessionToken").GetString()
        );
    }

    [Fact]
    public async Task Tokens_that_the_provider_did_not_make_for_us_are_refused()
    {
        async Task RefusedAsync(string token, string code = "InvalidIdentityToken") =>
            IsRefused(await AssumeAsync(token), 400, code);
        var good = Provider.Claims("mallory");
        var expired = Provider.Claims("mallory");
        expired["exp"] = FakeProvider.Now(-600);
        var early = Provider.Claims("mallory");
        early["nbf"] = FakeProvider.Now(600);
        var forOthers = Provider.Claims("mallory");
        forOthers["aud"] = "another-client";
        var ofOthers = Provider.Claims("mallory");
        ofOthers["iss"] = "http://localhost:1/other";
        var endless = Provider.Claims("mallory");
        endless.Remove("exp");
        var nobody = Provider.Claims("mallory");
        nobody.Remove("sub");
        using var otherKey = RSA.Create(2048);

        await RefusedAsync("not a token");
        await RefusedAsync("a.b.c");
        await RefusedAsync(FakeProvider.Unsigned(good));
        await RefusedAsync(Provider.Sign(good, otherKey));
        await RefusedAsync(Provider.SignWithSecret(good, "a secret of at least thirty-two bytes"));
        await RefusedAsync(Provider.SignWithSecret(good, Convert.ToBase64String(Provider.PublicKey())));
        await RefusedAsync(Provider.Sign(expired), "ExpiredTokenException");
        await RefusedAsync(Provider.Sign(early), "ExpiredTokenException");
        await RefusedAsync(Provider.Sign(forOthers));
        await RefusedAsync(Provider.Sign(ofOthers));
        await RefusedAsync(Provider.Sign(endless), "ExpiredTokenException");
        await RefusedAsync(Provider.Sign(nobody));
        await RefusedAsync(new string('a', 30_000));
        Assert.Null(await harima.Get<Users>().FindAsync("mallory", Token));
    }

    [Fact]
    public async Task Requests_that_lack_something_are_refused()
    {
        IsRefused(await AskAsync(("Action", "AssumeRoleWithWebIdentity")), 400, "ValidationError");
        IsRefused(await AskAsync(("Action", "GetFederationToken")), 400, "InvalidAction");
        IsRefused(await AskAsync(("Version", "2011-06-15")), 400, "InvalidAction");
        IsRefused(await AskAsync(("Action", "GetSessionToken")), 403, "MissingAuthenticationToken");
        var token = Provider.Sign(Provider.Claims("lacking"));
        IsRefused(await AssumeAsync(token, ("DurationSeconds", "43201")), 400, "ValidationError");
        IsRefused(await AssumeAsync(token, ("DurationSeconds", "soon")), 400, "ValidationError");
        IsRefused(await AssumeAsync(token, ("Policy", "{}")), 400, "MalformedPolicyDocument");
        IsRefused(
            await AssumeAsync(token, ("PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/x")),
            400,
            "ValidationError"
        );
        IsRefused(
            await AskAsync(("Action", "GetSessionToken"), ("x", new string('x', 100_000))),
            400,
            "ValidationError"
        );
    }

    [Fact]
    public async Task A_token_becomes_credentials_of_the_person_it_speaks_of()
    {
        var target = await NewFileAsync("of the leader");
        await harima.Get<ExternalLogins>().LinkAsync(Provider.Issuer, "leader-there", "leader", Token);

        var answer = await AssumeAsync(Provider.Sign(Provider.Claims("leader-there")));
        var credentials = CredentialsOf(answer);

        Assert.Equal("of the leader", (await GetAsync(credentials, target)).IsOk().Text);
        Assert.Equal("leader-there", answer.Xml.Descendants(Sts + "SubjectFromWebIdentityToken").Single().Value);
        (await GetAsync(credentials with { SessionToken = "other" }, target)).IsRefused(400, "InvalidToken");
    }

    [Fact]
    public async Task Somebody_new_gets_an_account_without_rights()
    {
        var target = await NewFileAsync("hidden", bucket: PrivateBucket);
        var claims = Provider.Claims("newcomer");
        claims["aud"] = "notebooks";

        var credentials = CredentialsOf(await AssumeAsync(Provider.Sign(claims)));

        (await GetAsync(credentials, target)).IsRefused(404, "NoSuchBucket");
        Assert.Equal("Hanako Yamada", (await harima.Get<Users>().FindAsync("newcomer", Token))!.DisplayName);
    }

    [Fact]
    public async Task A_policy_limits_the_credentials()
    {
        var mine = await NewFileAsync("in reach");
        var other = await NewFileAsync("out of reach");
        var sequence = mine.Split('/')[2];
        await harima.Get<ExternalLogins>().LinkAsync(Provider.Issuer, "limited-there", "leader", Token);
        var policy =
            $$"""{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::{{Bucket}}/{{sequence}}/*"}]}""";

        var credentials = CredentialsOf(
            await AssumeAsync(Provider.Sign(Provider.Claims("limited-there")), ("Policy", policy))
        );

        (await GetAsync(credentials, mine)).IsOk();
        (await GetAsync(credentials, other)).IsRefused(404, "NoSuchKey");
        var client = new S3Client(harima.Http, harima.S3, "us-east-1", credentials, TimeProvider.System);
        var refused = await Assert.ThrowsAsync<Harima.S3.Errors.S3Exception>(() =>
            client.PutObjectAsync(Bucket, sequence + "/b", new MemoryStream([1]), 1, null, Token)
        );
        Assert.Equal("AccessDenied", refused.Code);
        IsRefused(
            await AssumeAsync(
                Provider.Sign(Provider.Claims("limited-there")),
                ("Policy", policy.Replace(Bucket, "no-such-bucket", StringComparison.Ordinal))
            ),
            400,
            "MalformedPolicyDocument"
        );
    }

    [Fact]
    public async Task Aws_sts_get_session_token_and_its_credentials_end_with_their_key()
    {
        var made = await harima.Get<AccessKeys>().CreateAsync(RunningHarima.PrincipalOf("leader"), "sts", Token);
        var key = new Credentials(made.Key.Id, made.SecretKey);

        var session = CredentialsOf(await AwsAsync(key, ["sts", "get-session-token", "--duration-seconds", "900"]));
        Assert.Contains("leader", await AwsAsync(session, ["sts", "get-caller-identity"]), StringComparison.Ordinal);
        Assert.Contains(Bucket, await AwsAsync(session, ["s3", "ls"]), StringComparison.Ordinal);
        Assert.Contains(
            "AccessDenied",
            await AwsAsync(session, ["sts", "get-session-token"], exitCode: 254),
            StringComparison.Ordinal
        );

        await harima.Get<AccessKeys>().RevokeAsync(RunningHarima.PrincipalOf("leader"), made.Key.Id, Token);

        (await GetAsync(session, "/")).IsRefused(403, "InvalidAccessKeyId");
        Assert.Contains(
            "InvalidClientTokenId",
            await AwsAsync(key, ["sts", "get-session-token"], exitCode: 254),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Aws_sts_assume_role_with_a_policy()
    {
        var target = await NewFileAsync("shared with a company");
        var sequence = target.Split('/')[2];
        var policy =
            $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::{{Bucket}}","arn:aws:s3:::{{Bucket}}/{{sequence}}/*"]}]}""";

        var session = CredentialsOf(
            await AwsAsync(
                harima.KeyOf("leader"),
                [
                    "sts",
                    "assume-role",
                    "--role-arn",
                    "arn:aws:iam::000000000000:role/any",
                    "--role-session-name",
                    "company",
                    "--policy",
                    policy,
                ]
            )
        );

        var listed = await AwsAsync(session, ["s3", "ls", $"s3://{Bucket}/", "--recursive"]);
        Assert.Equal(target[(Bucket.Length + 2)..], listed.Trim().Split(' ')[^1]);
    }

    [Fact]
    public async Task Aws_sts_assume_role_with_web_identity()
    {
        await harima.Get<ExternalLogins>().LinkAsync(Provider.Issuer, "aws-there", "member", Token);
        var session = CredentialsOf(
            await AwsAsync(
                null,
                [
                    "sts",
                    "assume-role-with-web-identity",
                    "--role-arn",
                    "arn:aws:iam::000000000000:role/any",
                    "--role-session-name",
                    "notebook",
                    "--web-identity-token",
                    Provider.Sign(Provider.Claims("aws-there")),
                ]
            )
        );
        Assert.Contains("member", await AwsAsync(session, ["sts", "get-caller-identity"]), StringComparison.Ordinal);
        Assert.Contains(Bucket, await AwsAsync(session, ["s3", "ls"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_signature_for_sts_is_refused() =>
        Assert.Contains(
            "SignatureDoesNotMatch",
            await AwsAsync(
                harima.KeyOf("leader") with
                {
                    SecretKey = "wrong",
                },
                ["sts", "get-session-token"],
                exitCode: 254
            ),
            StringComparison.Ordinal
        );
}
