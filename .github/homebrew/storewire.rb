# A template: the release workflow fills in version and checksum, and the GitHub release holds the result.
class Storewire < Formula
  desc "Decode, verify and test App Store Server Notifications V2"
  homepage "https://github.com/storewire/storewire"
  url "https://github.com/storewire/storewire/releases/download/v@VERSION@/storewire-@VERSION@.tgz"
  sha256 "@SHA256@"
  license "MIT"

  depends_on "node"

  def install
    system "npm", "install", *std_npm_args
    bin.install_symlink libexec.glob("bin/*")
    man1.install libexec/"lib/node_modules/storewire/docs/man/storewire.1"
    generate_completions_from_executable(bin/"storewire", "completion", shells: [:bash, :zsh, :fish])
  end

  test do
    assert_equal version.to_s, shell_output("#{bin}/storewire --version").chomp
    samples = libexec/"lib/node_modules/storewire/samples"
    system bin/"storewire", "verify", samples/"did-renew.json", "--root", samples/"root.pem"
  end
end
