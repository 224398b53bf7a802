using Harima.Clients;

namespace Harima.Cli;

/// <summary>The AWS tools with <c>credential_process = harima credential-process</c> in their configuration.</summary>
public sealed class AwsProfileTests(SqliteHarima harima) : ClientTests(harima)
{
    static readonly ClientTool Aws = new("aws", "/usr/bin/aws");

    [Fact]
    public async Task Aws_asks_with_the_login_of_harima()
    {
        Aws.Require();
        using var program = await HarimaProgram.OfAsync(Harima, "leader", Token);
        await File.WriteAllTextAsync(
            PathOf("config"),
            $"""
            [profile facility]
            region = us-east-1
            endpoint_url = {Harima.S3.ToString().TrimEnd('/')}
            credential_process = dotnet "{HarimaProgram.Assembly}" credential-process
            """,
            Token
        );
        var environment = new Dictionary<string, string>
        {
            ["HARIMA_CONFIG"] = program.LoginFile,
            ["AWS_CONFIG_FILE"] = PathOf("config"),
            ["AWS_SHARED_CREDENTIALS_FILE"] = PathOf("none"),
            ["AWS_EC2_METADATA_DISABLED"] = "true",
        };
        // Older versions of aws do not know endpoint_url.
        string[] profile = ["--profile", "facility", "--endpoint-url", Harima.S3.ToString().TrimEnd('/')];

        var buckets = await Aws.RunAsync(environment, [.. profile, "s3", "ls"], Token);
        Assert.Contains(Bucket, buckets, StringComparison.Ordinal);
        var identity = await Aws.RunAsync(environment, [.. profile, "sts", "get-caller-identity"], Token);
        Assert.Contains("user/leader", identity, StringComparison.Ordinal);

        await program.ExpectAsync(0, ["logout"], Token);
        Assert.Contains(
            "Log in first",
            await Aws.RunAsync(environment, [.. profile, "s3", "ls"], Token, exitCode: 255),
            StringComparison.Ordinal
        );
    }
}
