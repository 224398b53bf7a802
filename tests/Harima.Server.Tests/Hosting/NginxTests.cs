using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Harima.Clients;
using Harima.Gateway;
using Harima.S3.Signing;
using Harima.Storage;

namespace Harima.Hosting;

/// <summary>
/// Harima behind Debian's nginx, with the configuration of <c>docs/reference/deployment.md</c> as it stands there; only ports, paths
/// and the certificate are put in.
/// </summary>
public sealed partial class HarimaBehindNginx : RunningHarima
{
    const string Program = "/usr/sbin/nginx";
    readonly string _scratch = Directory.CreateTempSubdirectory("harima-nginx-").FullName;
    readonly HeldPort _port = new();
    Process? _nginx;

    public override string? Missing =>
        File.Exists(Program) ? null
        : Environment.GetEnvironmentVariable("CI") == "true"
            ? throw new InvalidOperationException("nginx is not installed, and CI tests with it.")
        : "nginx is not installed (apt-get install nginx-light)";

    /// <summary>The S3 door of nginx.</summary>
    public Uri Front => new(FormattableString.Invariant($"https://127.0.0.1:{_port.Number}"));

    public string Certificate => Path.Combine(_scratch, "certificate.pem");

    public string Root => Get<PosixStore>().Root;

    public HttpClient Browser { get; private set; } = new();

    /// <summary>What nginx sent, by the target it was told in the end, and what it had been asked for.</summary>
    public IReadOnlyList<string> Sent => File.ReadAllLines(Path.Combine(_scratch, "access.log"));

    protected override IEnumerable<string> Settings =>
        ["--Harima:Server:AccelRedirect", "/.harima-files/", "--Harima:Server:TrustedProxies", "127.0.0.1"];

    protected override Task<string> CreateDatabaseAsync() => Task.FromResult("sqlite");

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        if (Missing is not null)
            return;
        Browser = BrowserThatTrusts(MakeCertificate());
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Harima.slnx")))
            folder = Path.GetDirectoryName(folder)!;
        var page = await File.ReadAllTextAsync(Path.Combine(folder, "docs", "reference", "deployment.md"));
        var site = Block()
            .Match(page)
            .Groups[1]
            .Value.Replace("listen 443 ssl", $"listen {Front.Authority} ssl", StringComparison.Ordinal)
            .Replace("127.0.0.1:9000", S3.Authority, StringComparison.Ordinal)
            .Replace("127.0.0.1:8080", Portal.Authority, StringComparison.Ordinal)
            .Replace("/srv/harima/files", Root, StringComparison.Ordinal)
            .Replace("/etc/ssl/harima/fullchain.pem", Certificate, StringComparison.Ordinal)
            .Replace("/etc/ssl/harima/key.pem", Path.Combine(_scratch, "key.pem"), StringComparison.Ordinal);
        var main = $$"""
            {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
            daemon off;
            worker_processes 1;
            pid {{_scratch}}/pid;
            error_log {{_scratch}}/error.log;
            events { worker_connections 512; }
            http {
                client_body_temp_path {{_scratch}}/body;
                proxy_temp_path {{_scratch}}/proxy;
                fastcgi_temp_path {{_scratch}}/fastcgi;
                uwsgi_temp_path {{_scratch}}/uwsgi;
                scgi_temp_path {{_scratch}}/scgi;
                log_format sent '$request_method $uri $status $request_uri';
                access_log {{_scratch}}/access.log sent;
                {{site}}
            }
            """;
        await File.WriteAllTextAsync(Path.Combine(_scratch, "nginx.conf"), main);
        _nginx = Process.Start(
            new ProcessStartInfo(
                Program,
                ["-p", _scratch, "-c", Path.Combine(_scratch, "nginx.conf"), "-e", Path.Combine(_scratch, "error.log")]
            )
        )!;
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var answer = await Browser.GetAsync(new Uri(Front, "/healthz"));
                break;
            }
            catch (HttpRequestException) when (attempt < 10_000 && !_nginx.HasExited)
            {
                await Task.Delay(25);
            }
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_nginx is not null)
        {
            _nginx.Kill(entireProcessTree: true);
            await _nginx.WaitForExitAsync();
            _nginx.Dispose();
        }
        Browser.Dispose();
        _port.Dispose();
        Directory.Delete(_scratch, recursive: true);
        await base.DisposeAsync();
    }

    static HttpClient BrowserThatTrusts(X509Certificate2 certificate)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust };
        trust.CustomTrustStore.Add(certificate);
        trust.RevocationMode = X509RevocationMode.NoCheck;
        return new HttpClient(
            new SocketsHttpHandler { AllowAutoRedirect = false, SslOptions = { CertificateChainPolicy = trust } }
        );
    }

    X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("data.example.jp");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(Certificate, certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_scratch, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        return certificate;
    }

    [GeneratedRegex("```nginx\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}

public sealed class NginxTests(HarimaBehindNginx nginx) : ClientTests(nginx), IClassFixture<HarimaBehindNginx>
{
    static readonly ClientTool Aws = new("aws", "/usr/bin/aws");
    static readonly byte[] Large = RandomNumberGenerator.GetBytes(3_000_000);

    [Fact]
    public async Task A_large_body_is_sent_by_nginx_with_our_headers()
    {
        var target = await StoreAsync(Large, ("content-type", "application/x-hdf5"), ("x-amz-meta-mtime", "1.5"));
        var direct = (
            await SendAsync("leader", "GET", target, (HttpContent?)null, ("origin", "https://h5web.example.jp"))
        ).IsOk();
        var answer = (await FrontAsync("GET", target, ("origin", "https://h5web.example.jp"))).IsOk();

        Assert.Equal(Large, answer.Body);
        Assert.True(WasHandedOver(target));
        var own = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
        {
            "Date",
            "Server",
            "Connection",
            "x-amz-request-id",
        };
        Assert.Equal(
            direct.Headers.Where(header => !own.Contains(header.Key)).OrderBy(header => header.Key),
            answer.Headers.Where(header => !own.Contains(header.Key)).OrderBy(header => header.Key)
        );
        Assert.NotNull(answer.Header("x-amz-request-id"));
        Assert.Null(answer.Header("X-Accel-Redirect"));
    }

    [Theory]
    [InlineData("bytes=0-", 0, 3_000_000)]
    [InlineData("bytes=1000-1999999", 1000, 1_999_000)]
    [InlineData("bytes=-600000", 2_400_000, 600_000)]
    [InlineData("bytes=2000000-99999999", 2_000_000, 1_000_000)]
    public async Task A_range_is_sent_by_nginx(string range, int start, int length)
    {
        var target = await StoreAsync(Large);
        var answer = (await FrontAsync("GET", target, ("range", range))).IsOk(HttpStatusCode.PartialContent);
        Assert.True(WasHandedOver(target));
        Assert.Equal(Large[start..(start + length)], answer.Body);
        Assert.Equal($"bytes {start}-{start + length - 1}/{Large.Length}", answer.Header("Content-Range"));
        Assert.Equal(Convert.ToHexStringLower(MD5.HashData(Large)), answer.ETag);
    }

    [Theory]
    [InlineData("if-none-match", "\"0123456789abcdef0123456789abcdef\"", 200)]
    [InlineData("if-match", "*", 200)]
    [InlineData("if-match", "\"0123456789abcdef0123456789abcdef\"", 412)]
    [InlineData("if-unmodified-since", "Sat, 01 Jan 2000 00:00:00 GMT", 412)]
    [InlineData("range", "bytes=0-9,20-29", 200)]
    [InlineData("range", "bytes=9000000-", 416)]
    [InlineData("x-amz-checksum-mode", "ENABLED", 200)]
    public async Task What_nginx_cannot_judge_or_say_is_answered_by_Harima(string header, string value, int status)
    {
        var target = await StoreAsync(Large);
        var answer = await FrontAsync("GET", target, (header, value));
        Assert.Equal(status, (int)answer.Status);
        Assert.False(WasHandedOver(target));
        if (status == 200)
            Assert.Equal(Large, answer.Body);
        if (header == "x-amz-checksum-mode")
            Assert.NotNull(answer.Header("x-amz-checksum-crc64nvme"));
    }

    [Fact]
    public async Task Metadata_of_any_name_arrive()
    {
        var target = await StoreAsync(Large, ("x-amz-meta-beam_energy", "12.4 keV"));
        var answer = (await FrontAsync("GET", target)).IsOk();
        Assert.Equal("12.4 keV", answer.Header("x-amz-meta-beam_energy"));
        Assert.Equal(Large, answer.Body);
    }

    [Fact]
    public async Task An_overwrite_while_nginx_sends_changes_neither_bytes_nor_ETag()
    {
        var target = await StoreAsync(Large);
        using var request = Signed("GET", target);
        using var response = await nginx.Browser.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        await SendAsync("leader", "PUT", target, "something else");
        Assert.Equal(Large, await response.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal($"\"{Convert.ToHexStringLower(MD5.HashData(Large))}\"", response.Headers.ETag!.Tag);
        Assert.Equal("something else", (await FrontAsync("GET", target)).Text);
    }

    [Theory]
    [InlineData("/.harima-files/")]
    [InlineData("/.harima-files/{0}")]
    [InlineData("/2026a2000/../.harima-files/{0}")]
    [InlineData("/2026a2000/%2e%2e/.harima-files/{0}")]
    [InlineData("//.harima-files/{0}")]
    public async Task Nobody_reaches_the_files_past_Harima(string target)
    {
        var stored = await StoreAsync(Large);
        await FrontAsync("GET", stored);
        Assert.True(WasHandedOver(stored));
        var folder = Path.Combine(nginx.Root, ".harima", "handoff");
        var handedOver = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).First();
        var attempt = target.Replace("{0}", Path.GetRelativePath(folder, handedOver), StringComparison.Ordinal);
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            RawUri.Create(nginx.Front.GetLeftPart(UriPartial.Authority) + attempt)
        );
        using var response = await nginx.Browser.SendAsync(request, Token);
        var answer = await Answer.ReadAsync(response, Token);
        // What nginx passes on, Harima answers: for // with the buckets an anonymous caller has, which are none.
        Assert.True(answer.Body.Length < 2000, $"{answer.Status}: {answer.Body.Length} bytes");
    }

    [Fact]
    public async Task Somebody_else_gets_the_refusal_and_no_byte()
    {
        var target = await StoreAsync(Large);
        using var request = Signed("GET", target, "stranger");
        using var response = await nginx.Browser.SendAsync(request, Token);
        (await Answer.ReadAsync(response, Token)).IsRefused(404, "NoSuchBucket");
    }

    [Fact]
    public async Task Whoever_comes_past_nginx_gets_the_body_from_Harima()
    {
        var target = await StoreAsync(Large);
        var answer = (await SendAsync("leader", "GET", target)).IsOk();
        Assert.Null(answer.Header("X-Accel-Redirect"));
        Assert.Equal(Large, answer.Body);
    }

    [Fact]
    public async Task Keys_with_difficult_names_are_signed_and_found_through_nginx()
    {
        var sequence = NewSequence();
        foreach (var name in (string[])["a b+c.txt", "試料//x.txt", "100%/x%2Fy", "~!$&'()*;=:@.txt"])
        {
            var target = $"/{Bucket}/{sequence}/{UriEncoding.Encode(name, keepSlash: true)}";
            using var put = Signed("PUT", target, content: new ByteArrayContent("x"u8.ToArray()));
            using var stored = await nginx.Browser.SendAsync(put, Token);
            Assert.Equal(HttpStatusCode.OK, stored.StatusCode);
            Assert.Equal("x", (await FrontAsync("GET", target)).Text);
        }
    }

    [Fact]
    public async Task Aws_through_TLS_and_path_style_brings_every_byte_there_and_back()
    {
        var names = Fill();
        var root = $"s3://{Bucket}/{Sequence}/";
        await AwsAsync(["s3", "sync", PathOf("up"), root, "--no-progress"]);
        await AwsAsync(["s3", "sync", root, PathOf("down"), "--no-progress"]);
        AreWhole(names, "down");
        Assert.Contains(nginx.Sent, line => IsHandedOver(line));
        var url = await AwsAsync(["s3", "presign", root + "large.bin"]);
        Assert.Equal(
            Sha256Of(PathOf("up/large.bin")),
            Convert.ToHexString(SHA256.HashData(await nginx.Browser.GetByteArrayAsync(new Uri(url.Trim()), Token)))
        );
        await AwsAsync(["s3", "rm", root, "--recursive", "--quiet"]);
    }

    [Fact]
    public async Task The_portal_answers_under_its_own_name()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(nginx.Front, "/"));
        request.Headers.Host = "data.example.jp";
        using var response = await nginx.Browser.SendAsync(request, Token);
        Assert.Contains("Harima", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public void The_configuration_carries_every_header_the_gateway_counts_on()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Harima.slnx")))
            folder = Path.GetDirectoryName(folder)!;
        var carried = File.ReadLines(Path.Combine(folder, "docs", "reference", "deployment.md"))
            .Select(line => line.Trim().Split(' '))
            .Where(words => words[0] == "add_header")
            .ToList();
        Assert.Equal(AccelRedirect.Carried, carried.Select(words => words[1]));
        Assert.All(
            carried,
            words => Assert.Equal($"$upstream_http_{words[1].ToLowerInvariant().Replace('-', '_')};", words[2])
        );
    }

    /// <summary>What was asked for most recently by that name.</summary>
    bool WasHandedOver(string target) => IsHandedOver(LinesOf(target)[^1]);

    List<string> LinesOf(string target) =>
        [.. nginx.Sent.Where(line => line.EndsWith(" " + target, StringComparison.Ordinal))];

    static bool IsHandedOver(string line) => line.StartsWith("GET /.harima-files/", StringComparison.Ordinal);

    async Task<string> StoreAsync(byte[] bytes, params (string Name, string Value)[] headers)
    {
        var target = $"/{Bucket}/{NewSequence()}/large.h5";
        (await SendAsync("leader", "PUT", target, new ByteArrayContent(bytes), headers)).IsOk();
        return target;
    }

    async Task<Answer> FrontAsync(string method, string target, params (string Name, string Value)[] headers)
    {
        var before = LinesOf(target).Count;
        using var request = Signed(method, target, headers: headers);
        using var response = await nginx.Browser.SendAsync(request, Token);
        var answer = await Answer.ReadAsync(response, Token);
        // The line is written when nginx has finished, which the client may see first.
        while (LinesOf(target).Count == before)
            await Task.Delay(5, Token);
        return answer;
    }

    HttpRequestMessage Signed(
        string method,
        string target,
        string user = "leader",
        HttpContent? content = null,
        params (string Name, string Value)[] headers
    )
    {
        var request = new HttpRequestMessage(
            new HttpMethod(method),
            RawUri.Create(nginx.Front.GetLeftPart(UriPartial.Authority) + target)
        )
        {
            Content = content,
        };
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        new RequestSigner(nginx.KeyOf(user), "us-east-1", TimeProvider.System).Sign(
            request,
            PayloadHash.UnsignedPayload
        );
        return request;
    }

    Task<string> AwsAsync(IEnumerable<string> arguments)
    {
        Aws.Require();
        var key = nginx.KeyOf("leader");
        var environment = new Dictionary<string, string>
        {
            ["AWS_ACCESS_KEY_ID"] = key.AccessKeyId,
            ["AWS_SECRET_ACCESS_KEY"] = key.SecretKey,
            ["AWS_DEFAULT_REGION"] = "us-east-1",
            ["AWS_CONFIG_FILE"] = PathOf("no-config"),
            ["AWS_SHARED_CREDENTIALS_FILE"] = PathOf("no-credentials"),
            ["AWS_EC2_METADATA_DISABLED"] = "true",
            ["AWS_CA_BUNDLE"] = nginx.Certificate,
            ["LC_ALL"] = "C.UTF-8",
        };
        string[] endpoint = ["--endpoint-url", nginx.Front.GetLeftPart(UriPartial.Authority)];
        return Aws.RunAsync(environment, [.. endpoint, .. arguments], Token);
    }
}
