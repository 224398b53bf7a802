using Harima.Storage;

namespace Harima.Core.Tests.Storage;

/// <summary>The keys of the store behind Harima may stand in a file, as the AWS tools write it.</summary>
public sealed class KeyFileTests : IDisposable
{
    readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Keys_are_read_as_the_AWS_tools_write_them()
    {
        File.WriteAllText(_file, "[default]\n# ours\naws_access_key_id = AKIA\n  AWS_Secret_Access_Key=a=b/c+d==\n");
        var keys = S3Store.ReadKeys(new S3StoreOptions { KeyFile = _file, AccessKey = "other" });
        Assert.Equal(("AKIA", "a=b/c+d=="), (keys.AccessKeyId, keys.SecretKey));
    }

    [Fact]
    public void A_file_without_a_key_is_named_with_the_line_it_lacks()
    {
        File.WriteAllText(_file, "aws_access_key_id = AKIA\n");
        var refusal = Assert.Throws<InvalidOperationException>(() =>
            S3Store.ReadKeys(new S3StoreOptions { KeyFile = _file })
        );
        Assert.Contains(_file, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("aws_secret_access_key", refusal.Message, StringComparison.Ordinal);
    }
}
